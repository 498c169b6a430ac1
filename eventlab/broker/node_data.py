"""A node's data: copied from a template at first, moved aside when Kafka refuses it.

Data is never deleted, and put back when Kafka refuses an empty folder too. Standard library only:
the supervisor needs it.
"""

import os
import re
import shutil
import time
from pathlib import Path

# What Kafka makes of a topic's folder that its metadata do not know: the name, something, a word.
_STRAY = re.compile(r"(?P<name>.+)\.[0-9a-f]{32}-stray")


class NodeData:
    """The folder of Kafka's log, and what was moved aside from it."""

    def __init__(self, folder: Path, template: Path) -> None:
        self._folder = folder
        self._template = template
        self._aside: Path | None = None
        self._is_new = False

    @property
    def is_to_blame(self) -> bool:
        """Tell whether a failed start can be the data's fault: it is old, and still in place."""
        return not self._is_new and self._aside is None

    def bring(self) -> None:
        """Make the folder from the template where it is not there. Raises OSError."""
        self._is_new = not os.path.lexists(self._folder)  # a link to nothing is not nothing
        if self._is_new:
            arriving = self._folder.with_suffix(".arriving")
            shutil.rmtree(arriving, ignore_errors=True)
            _copy(self._template, arriving)
            arriving.rename(self._folder)

    def move_aside(self) -> Path:
        """Move the folder aside and return where it is now. Raises OSError."""
        aside = _free_name(self._folder)
        self._folder.rename(aside)
        self._aside = aside
        _name_strays_again(aside)
        return aside

    def put_back(self) -> bool:
        """Put back what was moved aside, and tell whether there was anything. Raises OSError."""
        if self._aside is None:
            return False
        shutil.rmtree(self._folder, ignore_errors=True)
        self._aside.rename(self._folder)
        self._aside = None
        return True

    def keep(self) -> None:
        """Go on with the folder as it is; what was moved aside stays there."""
        self._aside = None


def _free_name(folder: Path) -> Path:
    """Return a name beside a folder's that says when it was set aside."""
    aside = folder.with_name(f"{folder.name}-set-aside-{time.strftime('%Y-%m-%d-%H-%M-%S')}")
    further = 2
    while os.path.lexists(aside):
        aside = aside.with_name(f"{aside.name.partition('.')[0]}.{further}")
        further += 1
    return aside


def _name_strays_again(folder: Path) -> None:
    """Give topics that Kafka took for strays their names back."""
    for path in folder.glob("*-stray"):
        stray = _STRAY.fullmatch(path.name)
        if stray and not (folder / stray["name"]).exists():
            path.rename(folder / stray["name"])


def _copy(template: Path, target: Path) -> None:
    """Copy the files and not their modes: a shared template may be read-only."""
    target.mkdir()
    for path in sorted(template.rglob("*")):
        copied = target / path.relative_to(template)
        if path.is_dir():
            copied.mkdir()
        else:
            copied.write_bytes(path.read_bytes())
