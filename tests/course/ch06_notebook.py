"""What the cells of chapter 06 have: the changes of the table, the contract, and the wall."""

import nbformat

from eventlab.course.chapters import chosen

_WANTED = ("changes = [", "ORDER = {", "wall = [", "def keeping(")


def _cells() -> dict:
    (chapter,) = chosen(("06",))
    names: dict = {}
    for cell in nbformat.read(chapter.path, as_version=4).cells:
        if cell.cell_type == "code" and any(words in cell.source for words in _WANTED):
            exec(cell.source, names)
    return names


_NAMES = _cells()
CHANGES = _NAMES["changes"]
ORDER = _NAMES["ORDER"]
WALL = _NAMES["wall"]
keeping = _NAMES["keeping"]
