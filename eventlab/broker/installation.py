"""What has to be there before a broker starts in a second: jars, a formatted template, an archive.

The archive is the JVM's own: the AOT cache of Java 24 and later (JEP 483), the class data
archive of the versions before (JEP 350). With it and the template the first topic is there after
0.8 s in place of 4.3 s. Making it means to run a broker once and to end it, which takes ten
seconds: so it is made in the warm-up, once for each Java, set of jars and set of flags.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import uuid
from base64 import urlsafe_b64encode
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from eventlab.broker import configuration, distribution
from eventlab.broker.distribution import Progress, silent
from eventlab.broker.java import Java, find_java
from eventlab.broker.readiness import await_port, await_ready, create_topic, failed_java
from eventlab.folders import cache_folder, writing_to

_TRAINING_SECONDS = 120


@dataclass(frozen=True)
class Installation:
    """A Kafka that can be started: its Java, its template and its archive."""

    java: Java
    template: Path
    archive: Path
    logging: Path

    def command(self, properties: Path, *, archive: bool = True) -> list[str]:
        """Return the command that starts a broker with `properties`."""
        flags = [*configuration.JVM_FLAGS, f"-Dlog4j2.configurationFile={self.logging.as_uri()}"]
        if archive and self.archive.exists():
            flags += self._use_flags()
        return [self.java.path, *flags, *_class_path(), "kafka.Kafka", str(properties)]

    def _use_flags(self) -> list[str]:
        if self.java.major >= 25:
            return [f"-XX:AOTCache={self.archive}", "-Xlog:aot*=error"]
        return [f"-XX:SharedArchiveFile={self.archive}", "-Xlog:cds*=off"]

    def making_flags(self, archive: Path) -> list[str]:
        """Return the flags with which a JVM writes `archive` when it ends."""
        if self.java.major >= 25:
            return [f"-XX:AOTCacheOutput={archive}", "-Xlog:aot*=error"]
        return [f"-XX:ArchiveClassesAtExit={archive}", "-Xlog:cds*=off"]

    def proving_flags(self, archive: Path) -> list[str]:
        """Return the flags with which a JVM refuses to start unless `archive` fits."""
        if self.java.major >= 25:
            return [f"-XX:AOTCache={archive}", "-XX:AOTMode=on"]
        return [f"-XX:SharedArchiveFile={archive}", "-Xshare:on"]


def installation() -> Installation:
    """Return where the parts are, present or not. Raises JavaError."""
    java = find_java()
    root = cache_folder() / f"kafka-{distribution.VERSION}"
    return Installation(
        java=java,
        template=root / "template",
        archive=root / f"start-{_archive_key(java)}.archive",
        logging=root / "log4j2.properties",
    )


def prepare(progress: Progress = silent) -> Installation:
    """Return an installation in which every part is there, making what is missing or damaged.

    Two processes may call it at once: the second waits for the first. Raises SetupError.
    """
    ready = installation()
    if _complete(ready):
        return ready
    with writing_to(cache_folder()) as cache, FileLock(cache / "prepare.lock"):
        distribution.fetch(progress)
        _write_logging(ready)
        _make_template(ready, progress)
        _make_archive(ready, progress)
    return ready


def stands() -> bool:
    """Tell whether a broker would start quickly: template, archive and logging are as made."""
    ready = installation()
    return _template_stands(ready) and _archive_stands(ready) and _logging_stands(ready)


def _complete(ready: Installation) -> bool:
    distribution.fetch()  # nothing but a look at 45 files, when they are there
    return _template_stands(ready) and _archive_stands(ready) and _logging_stands(ready)


def _archive_key(java: Java) -> str:
    jars = [jar.sha256 for jar in distribution.locked_jars()]
    facts = [java.path, java.build, *configuration.JVM_FLAGS, *jars]
    return hashlib.sha256("\n".join(facts).encode()).hexdigest()[:16]


def _class_path() -> list[str]:
    # The module path would refuse two of the jars, and the archive with them.
    return ["-cp", os.pathsep.join(distribution.class_path())]


def _run_java(ready: Installation, arguments: list[str], what: str) -> None:
    done = subprocess.run(
        [ready.java.path, *arguments],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_TRAINING_SECONDS,
        env=java_environment(),
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        raise failed_java(what, done.stdout + done.stderr)


def java_environment() -> dict[str, str]:
    """Return the environment of a Java we start: options meant for others can stop it."""
    return {k: v for k, v in os.environ.items() if k != "JAVA_TOOL_OPTIONS"}


# -- logging ------------------------------------------------------------------------------------


def _logging_stands(ready: Installation) -> bool:
    return ready.logging.exists() and ready.logging.read_text() == configuration.LOGGING


def _write_logging(ready: Installation) -> None:
    if not _logging_stands(ready):
        ready.logging.write_text(configuration.LOGGING)


# -- template -----------------------------------------------------------------------------------


def _template_stands(ready: Installation) -> bool:
    return (ready.template / "meta.properties").exists()


def _make_template(ready: Installation, progress: Progress) -> None:
    if _template_stands(ready):
        return
    progress("Formatted storage", 0, 1)
    with _scratch(ready) as scratch:
        properties = write_properties(scratch / "template", scratch)
        tool = ["kafka.tools.StorageTool", "format", "--standalone"]
        arguments = [*tool, "-t", _cluster_id(), "-c", str(properties)]
        _run_java(ready, [*_class_path(), *arguments], "Formatting the log's storage")
        shutil.rmtree(ready.template, ignore_errors=True)
        os.replace(scratch / "template", ready.template)
    progress("Formatted storage", 1, 1)


def _cluster_id() -> str:
    return urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


def write_properties(log_folder: Path, folder: Path) -> Path:
    """Write a server.properties for `log_folder` into `folder` and return its path."""
    path, arriving = folder / "server.properties", folder / f"server.properties.{os.getpid()}"
    arriving.write_text(configuration.server_properties(log_folder), encoding="latin-1")
    os.replace(arriving, path)  # a broker may be reading the file of the last time
    return path


@contextmanager
def _scratch(ready: Installation):
    with tempfile.TemporaryDirectory(prefix="making-", dir=ready.template.parent) as folder:
        yield Path(folder)


# -- archive ------------------------------------------------------------------------------------


def _note(archive: Path) -> Path:
    return archive.with_suffix(".json")


def _archive_stands(ready: Installation) -> bool:
    """Tell whether the archive is the one that was proved; read it whole only if it was touched."""
    try:
        note = json.loads(_note(ready.archive).read_text())
        stat = ready.archive.stat()
        if [stat.st_size, stat.st_mtime_ns] == note["mark"]:
            return True
        return _digest(ready.archive) == note["sha256"] and _annotate(ready.archive)
    except (OSError, ValueError, KeyError):
        return False


def _annotate(archive: Path) -> bool:
    stat = archive.stat()
    note = {"mark": [stat.st_size, stat.st_mtime_ns], "sha256": _digest(archive)}
    _note(archive).write_text(json.dumps(note))
    return True


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _make_archive(ready: Installation, progress: Progress) -> None:
    if _archive_stands(ready):
        return
    drop_archive(ready)
    progress("Start-up archive", 0, 1)
    with _scratch(ready) as scratch:
        fresh = scratch / "archive"
        _train(ready, fresh, scratch)
        _run_java(
            ready,
            [*configuration.JVM_FLAGS, *ready.proving_flags(fresh), *_class_path(), "-version"],
            "Proving the start-up archive",
        )
        os.replace(fresh, ready.archive)
    _annotate(ready.archive)
    progress("Start-up archive", 1, 1)


def drop_archive(ready: Installation) -> None:
    """Delete the archive, so that the next preparation makes it again."""
    for path in (ready.archive, _note(ready.archive)):
        path.unlink(missing_ok=True)


def _train(ready: Installation, archive: Path, scratch: Path) -> None:
    """Run a broker as a learner would, so that the archive holds the classes this needs."""
    shutil.copytree(ready.template, scratch / "log")
    properties = write_properties(scratch / "log", scratch)
    command = ready.command(properties, archive=False)
    command[1:1] = ready.making_flags(archive)
    output = scratch / "output.txt"
    with output.open("wb") as sink:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            env=java_environment(),
            start_new_session=True,
        )
    try:
        settings = {"bootstrap.servers": f"127.0.0.1:{await_port(process, output)}"}
        await_ready(settings)
        create_topic(settings, "warm-up")
        process.terminate()
        process.wait(_TRAINING_SECONDS)
    finally:
        process.kill()
        process.wait()
    if not archive.exists():
        raise failed_java("Making the start-up archive", output.read_text(errors="replace"))
