"""What has to be there before a broker starts in a second: jars, a formatted template, an archive.

Making them takes a download and ten seconds, so it is done once, in the warm-up; each is looked
at before every start, and made again when it is missing or not what it was.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from eventlab.broker import configuration, distribution
from eventlab.broker.archive import Archive
from eventlab.broker.jars import INCOMING, Progress, silent
from eventlab.broker.java import Java, find_java, java_environment
from eventlab.broker.properties import write_properties
from eventlab.broker.readiness import failed_java
from eventlab.broker.training import TRAINING_SECONDS, train
from eventlab.errors import SetupError
from eventlab.folders import cache_folder, full_disk, writing_to

_MAKING = "making-"
_KEPT_ARCHIVES = 3
_ARCHIVE_BYTES = 150_000_000  # 70 MB, and as much again for what the JVM makes it from


@dataclass(frozen=True)
class Installation:
    """A Kafka that can be started: its Java, its template and its archive."""

    java: Java
    template: Path
    archive: Archive
    logging: Path

    @property
    def root(self) -> Path:
        """Return the folder that holds all of it but the Java."""
        return self.template.parent

    def command(self, properties: Path, flags: list[str] | None = None) -> list[str]:
        """Return the command that starts a broker; `flags` stand in for those of the archive."""
        if flags is None:
            flags = self.archive.use_flags() if self.archive.stands() else []
        logging = f"-Dlog4j2.configurationFile={self.logging.as_uri()}"
        started = [*configuration.JVM_FLAGS, *flags, logging, *_class_path()]
        return [self.java.path, *started, "kafka.Kafka", str(properties)]


def installation() -> Installation:
    """Return where the parts are, present or not. Raises JavaError."""
    java = find_java()
    root = cache_folder() / f"kafka-{distribution.VERSION}"
    return Installation(
        java=java,
        template=root / "template",
        archive=Archive(java, root / f"start-{_archive_key(java)}.archive"),
        logging=root / "log4j2.properties",
    )


def stands() -> bool:
    """Tell, by a quick look, whether a broker can start at once; nothing is made."""
    return _is_complete(installation())


def prepare(progress: Progress = silent) -> Installation:
    """Return an installation in which every part is there, making what is missing or damaged.

    Two processes may call it at once: the second waits for the first. A cache that cannot be
    written is used as it is, if a broker can start with it. Raises SetupError.
    """
    ready = installation()
    if _is_complete(ready) or (_is_enough(ready) and not os.access(ready.root, os.W_OK)):
        return ready
    with alone():
        distribution.kafka_jars().fetch(progress)
        _write_logging(ready)
        _make_template(ready, progress)
        _make_archive(ready, progress)
    return ready


def repair(progress: Progress = silent) -> bool:
    """Read every part whole, make the damaged ones again, and tell whether there were any."""
    ready = installation()
    jars = distribution.kafka_jars()
    damaged = jars.damaged()
    archive_is_whole = ready.archive.is_whole()
    if _template_stands(ready) and archive_is_whole and not damaged:
        return False
    with writing_to(ready.root):
        jars.drop(damaged)
        if not archive_is_whole:
            ready.archive.drop()
    prepare(progress)
    return True


def drop_archive() -> None:
    """Delete the archive that the JVM refused, so that the next start makes it again."""
    if os.access(installation().root, os.W_OK):  # else it stays, and each start is slower
        installation().archive.drop()


def _is_complete(ready: Installation) -> bool:
    return _is_enough(ready) and ready.archive.stands()


def _is_enough(ready: Installation) -> bool:
    is_made = _template_stands(ready) and _logging_stands(ready)
    return is_made and not distribution.kafka_jars().missing()


@contextmanager
def alone() -> Iterator[None]:
    """Let no other process put something into the cache meanwhile, nor a killed one have left it.

    Raises SetupError.
    """
    root = cache_folder()
    if os.pathsep in str(root):
        raise SetupError(
            f"Java cannot use jars in {root}",
            expected=f"a folder without {os.pathsep!r} in its name",
            found=str(root),
            remedy="Set EVENTLAB_HOME to another folder.",
        )
    with writing_to(root), FileLock(root / "prepare.lock"):
        _sweep(root)
        yield


def _sweep(cache: Path) -> None:
    """Delete what a preparation that was killed has left."""
    for prefix in (INCOMING, _MAKING):
        for left in cache.glob(f"*/{prefix}*"):
            shutil.rmtree(left, ignore_errors=True)


@contextmanager
def _scratch(ready: Installation) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(
        prefix=_MAKING, dir=ready.root, ignore_cleanup_errors=True
    ) as folder:
        yield Path(folder)


def _class_path() -> list[str]:
    # The module path would refuse two of the jars, and the archive with them.
    return ["-cp", os.pathsep.join(distribution.kafka_jars().class_path())]


def _run_java(ready: Installation, arguments: list[str], folder: Path, what: str) -> None:
    done = subprocess.run(
        [ready.java.path, *configuration.JVM_FLAGS, *arguments],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=TRAINING_SECONDS,
        env=java_environment(),
        stdin=subprocess.DEVNULL,
    )
    if done.returncode != 0:
        raise failed_java(what, done.stdout + done.stderr)


# -- logging ------------------------------------------------------------------------------------


def _logging_stands(ready: Installation) -> bool:
    return (
        ready.logging.exists()
        and ready.logging.read_text(encoding="utf-8") == configuration.LOGGING
    )


def _write_logging(ready: Installation) -> None:
    if not _logging_stands(ready):
        ready.logging.write_text(configuration.LOGGING, encoding="utf-8")


# -- template -----------------------------------------------------------------------------------


def _template_note(ready: Installation) -> Path:
    return ready.template.with_suffix(".sha256")


def _template_stands(ready: Installation) -> bool:
    note = _template_note(ready)
    return note.exists() and note.read_text(encoding="utf-8") == _tree_digest(ready.template)


def _tree_digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def _make_template(ready: Installation, progress: Progress) -> None:
    if _template_stands(ready):
        return
    progress("Formatted storage", 0, 1)
    with _scratch(ready) as scratch:
        properties = write_properties(scratch)
        format_storage(ready, scratch, ready.template, _cluster_id(), properties, "--standalone")
        _template_note(ready).write_text(_tree_digest(ready.template), encoding="utf-8")
    progress("Formatted storage", 1, 1)


def format_storage(
    ready: Installation, folder: Path, target: Path, identity: str, properties: Path, kind: str
) -> None:
    """Format the storage of a node of the cluster `identity` in `folder`; move it to `target`.

    `kind` is StorageTool's word for what the node is to its controllers. Raises SetupError.
    """
    # As one word, since one id in 64 begins with a hyphen and would be taken for an option.
    tool = ["kafka.tools.StorageTool", "format", kind, f"--cluster-id={identity}"]
    arguments = [*_class_path(), *tool, "-c", str(properties)]
    _run_java(ready, arguments, folder, "Formatting the log's storage")
    made = folder / configuration.LOG_FOLDER
    for path in made.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)  # others may share this cache
    shutil.rmtree(target, ignore_errors=True)
    os.replace(made, target)


def _cluster_id() -> str:
    return urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")


# -- archive ------------------------------------------------------------------------------------


def _archive_key(java: Java) -> str:
    jars = [jar.sha256 for jar in distribution.kafka_jars().locked()]
    facts = [java.path, java.build, *configuration.JVM_FLAGS, *jars]
    return hashlib.sha256(os.fsencode("\n".join(facts))).hexdigest()[:16]  # a path is in them


def _make_archive(ready: Installation, progress: Progress) -> None:
    if ready.archive.stands():
        return
    ready.archive.drop()
    # A JVM without space for it says only that it could not write, after the ten seconds.
    if shutil.disk_usage(ready.root).free < _ARCHIVE_BYTES:
        raise full_disk(ready.root)
    progress("Start-up archive", 0, 1)
    with _scratch(ready) as scratch:
        fresh = Archive(ready.java, scratch / "archive")
        command = ready.command(write_properties(scratch), fresh.making_flags())
        train(command, ready.template, fresh.path, scratch)
        arguments = [*fresh.proving_flags(), *_class_path(), "-version"]
        _run_java(ready, arguments, scratch, "Proving the start-up archive")
        os.replace(fresh.path, ready.archive.path)
    ready.archive.prove()
    _prune(ready)
    progress("Start-up archive", 1, 1)


def _prune(ready: Installation) -> None:
    """Delete all but the newest archives: each Java ever used has left one of 70 MB."""
    paths = ready.root.glob("start-*.archive")
    by_age = sorted(paths, key=lambda path: path.stat().st_mtime, reverse=True)
    for path in by_age[_KEPT_ARCHIVES:]:
        Archive(ready.java, path).drop()
