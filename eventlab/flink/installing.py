"""What has to be there before Flink starts: its jars, a Java, and memory; and what it costs."""

from pathlib import Path

from eventlab.broker.installation import alone
from eventlab.broker.jars import Jars, Progress, silent
from eventlab.errors import SetupError
from eventlab.flink.memory import free_memory
from eventlab.folders import cache_folder

VERSION = "2.3.0"
LOCK = Path(__file__).with_name(f"flink-{VERSION}.lock")

# After its start, with one query and after twenty it has 130, 340 and 480 MB, measured by its
# proportional set size. The rest is for what the notebook and the broker beside it take meanwhile.
NEEDED_MEGABYTES = 1_500
_USED_MEGABYTES = 500
_START_SECONDS = 10


def flink_jars() -> Jars:
    """Return the jars of the gateway, present or not."""
    return Jars("Apache Flink", LOCK, cache_folder() / f"flink-{VERSION}" / "jars")


def cost() -> str:
    """Return what Flink costs, as a sentence."""
    return (
        f"Apache Flink {VERSION}: {_megabytes()} MB to download, once; about {_USED_MEGABYTES} MB"
        f" of memory while it runs; some {_START_SECONDS} seconds to its first answer."
    )


def why_not() -> str:
    """Return why Flink cannot start here now, as a sentence; "" where it can."""
    trouble = _lack_of_memory() or _lack_of_jars()
    return "" if trouble is None else str(trouble)


def require(*, install: bool) -> None:
    """Raise SetupError where Flink cannot start, unless to `install` its jars is all that it takes.

    Nothing is downloaded yet.
    """
    trouble = _lack_of_memory() or (None if install else _lack_of_jars())
    if trouble is not None:
        raise trouble


def install(progress: Progress = silent) -> None:
    """Download the jars that are missing. Raises SetupError, DownloadError and StorageError."""
    if flink_jars().missing():
        with alone():
            flink_jars().fetch(progress)


def _megabytes() -> int:
    return sum(jar.size for jar in flink_jars().locked()) // 1_000_000


def _lack_of_jars() -> SetupError | None:
    jars = flink_jars()
    missing = jars.missing()
    if not missing:
        return None
    number = len(jars.locked())
    return SetupError(
        "Apache Flink is not installed",
        expected=f"its {number} jars in {jars.folder}",
        found=f"{number - len(missing)} of them",
        remedy=f"Write lab.flink(install=True) to download them. {cost()}",
    )


def _lack_of_memory() -> SetupError | None:
    free = free_memory() // 1_000_000
    if free >= NEEDED_MEGABYTES:
        return None
    return SetupError(
        "There is too little memory for Apache Flink",
        expected=f"{NEEDED_MEGABYTES} MB free",
        found=f"{free} MB",
        remedy="Close other notebooks and programs, or use a larger machine. Nothing else of "
        "eventlab needs Flink.",
    )
