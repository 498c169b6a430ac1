"""Which line of the learner's own an error came from, in another process too.

A function that was written in a notebook has no file. Its lines are in the kernel's linecache, and
go along to the process that runs it.
"""

import linecache
import site
import sysconfig
import traceback
from collections.abc import Mapping
from pathlib import Path

Sources = Mapping[str, list[str]]

_NOT_OWN = [
    Path(__file__).resolve().parent.parent,
    *(Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")),
    *map(Path, site.getsitepackages()),
]


def own_line(error: BaseException) -> str:
    """Return the innermost line of the learner's own in an error: where, and what it says.

    Empty where no line is the learner's.
    """
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith("<")
        and not any(Path(frame.filename).is_relative_to(folder) for folder in _NOT_OWN)
    ]
    if not frames:
        return ""
    last = frames[-1]
    return f"It happened in line {last.lineno} of {last.name}: {last.line}"


def notebook_sources() -> dict[str, list[str]]:
    """Return the lines of the cells that have run here, by what stands for their file's name."""
    found = {}
    for name, entry in list(linecache.cache.items()):
        if len(entry) == 4 and entry[1] is None and not Path(name).exists():
            found[name] = list(entry[2])
    return found


def use_sources(sources: Sources) -> None:
    """Let errors of this process show the lines of another one's cells."""
    for name, lines in sources.items():
        linecache.cache[name] = (sum(map(len, lines)), None, lines, name)
