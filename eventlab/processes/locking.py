"""An exclusive lock, held until its file is closed or the last process that has it open ends.

Standard library only.
"""

import sys
from pathlib import Path
from typing import IO, Any, TextIO


def locked(path: Path) -> TextIO | None:
    """Return the open, exclusively locked file, or None while another process holds it."""
    file = path.open("a", encoding="utf-8")
    try:
        _lock(file)
    except OSError:
        file.close()
        return None
    return file


def is_locked(path: Path) -> bool:
    """Tell whether a process holds the lock of a file; none is there for what is not there."""
    try:
        with path.open("rb") as file:
            _lock(file, is_shared=True)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _lock(file: IO[Any], *, is_shared: bool = False) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        # Two that only look do not take each other for the one that holds it.
        fcntl.flock(file, (fcntl.LOCK_SH if is_shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
