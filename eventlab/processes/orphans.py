"""End programs that have outlived the process that held them.

Linux ends them by itself (see `program`); elsewhere the next who needs their place does it here.
"""

from collections.abc import Iterator

import psutil


def end_orphans(argument: str, *, supervisor: str, patience_seconds: float) -> None:
    """End each process with this word on its command line, unless its supervisor is there.

    The word has to be one that no other program has, such as the path of a file of ours.
    `supervisor` is a word on the command line of a parent that still holds its program.
    """
    for process in _processes_with(argument):
        if not _has_parent_with(supervisor, process):
            end(process, patience_seconds)


def end(process: psutil.Process, patience_seconds: float) -> None:
    """End a process: SIGTERM, and SIGKILL when it is still there after that long.

    It is known by its pid and its time of creation: another one that has got its pid since is not
    touched, and one that has ended is no error.
    """
    try:
        process.terminate()
        process.wait(patience_seconds)
    except psutil.NoSuchProcess:
        return
    except psutil.TimeoutExpired:
        _kill(process, patience_seconds)


def _kill(process: psutil.Process, patience_seconds: float) -> None:
    try:
        process.kill()
        process.wait(patience_seconds)
    except psutil.NoSuchProcess:  # it ended by itself
        return


def _processes_with(argument: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter(["cmdline"]):
        if argument in (process.info["cmdline"] or []):
            yield process


def _has_parent_with(word: str, process: psutil.Process) -> bool:
    try:
        parent = process.parent()
        return parent is not None and word in parent.cmdline()
    except psutil.Error:  # it ended just now
        return False
