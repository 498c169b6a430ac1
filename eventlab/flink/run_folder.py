"""The folder of one run of Flink, locked while it runs; what killed runs have left is cleared."""

import shutil
from pathlib import Path
from tempfile import mkdtemp
from typing import TextIO

from filelock import FileLock

from eventlab.flink.configuration import mark
from eventlab.processes.locking import locked
from eventlab.processes.orphans import end_orphans

_PREFIX = "run-"
_END_SECONDS = 5.0


def new_run_folder(parent: Path, supervisor: str) -> tuple[Path, TextIO]:
    """Return a new folder in `parent`, and its lock; clear those whose process is gone.

    `supervisor` is the word by which a process that holds a Flink is known. Raises OSError.
    """
    parent.mkdir(parents=True, exist_ok=True)
    with FileLock(parent / "lock"):
        for left in parent.glob(f"{_PREFIX}*"):
            _clear(left, supervisor)
        folder = Path(mkdtemp(prefix=_PREFIX, dir=parent))
        lock = locked(folder / "lock")
    if lock is None:
        raise OSError(f"{folder} is locked by another process")
    return folder, lock


def _clear(left: Path, supervisor: str) -> None:
    end_orphans(mark(left), supervisor=supervisor, patience_seconds=_END_SECONDS)
    lock = locked(left / "lock")
    if lock is not None:
        lock.close()
        shutil.rmtree(left, ignore_errors=True)
