"""An exclusive lock, held until its file is closed or the last process that has it open ends.

Standard library only.
"""

import sys
from pathlib import Path
from typing import TextIO


def locked(path: Path) -> TextIO | None:
    """Return the open, exclusively locked file, or None while another process holds it."""
    file = path.open("a", encoding="utf-8")
    try:
        _lock(file)
    except OSError:
        file.close()
        return None
    return file


def _lock(file: TextIO) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
