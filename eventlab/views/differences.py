"""Where two views differ, row by row."""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from eventlab.checked import checked
from eventlab.views.rows import Rows

if TYPE_CHECKING:  # 55 MB that a service which serves a view never needs
    import pandas

_COLUMNS = ["table", "key", "what", "one", "other"]
ONLY_ONE = "only in one"
ONLY_OTHER = "only in the other"
DIFFERS = "differs"


@checked
def difference(one: Rows, other: Rows) -> "pandas.DataFrame":
    """Return the rows that are in one view alone, or differ; no rows where both are equal.

    Rows are matched by their table and its primary key, or their key in a dict. Columns are table,
    key, what ("only in one", "only in the other" or "differs"), and the row in one and the other.
    """
    import pandas

    ours = one.tables()
    theirs = other.tables()
    found: list[list[Any]] = []
    for table in dict.fromkeys([*ours, *theirs]):
        found += _of_a_table(table, ours.get(table, {}), theirs.get(table, {}))
    return pandas.DataFrame(found, columns=_COLUMNS)


def _of_a_table(table: str, ours: Any, theirs: Any) -> list[list[Any]]:
    found = []
    for key in dict.fromkeys([*ours, *theirs]):
        what = _what(key, ours, theirs)
        if what:
            found.append([table, key, what, ours.get(key), theirs.get(key)])
    return found


def _what(key: Any, ours: Any, theirs: Any) -> str:
    if key not in theirs:
        return ONLY_ONE
    if key not in ours:
        return ONLY_OTHER
    return "" if _is_same(ours[key], theirs[key]) else DIFFERS


def _is_same(one: Any, other: Any) -> bool:
    """Tell whether two values are equal; no number is equal to no number, arrays one by one."""
    one = _in_python(one)
    other = _in_python(other)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_is_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        are_of_a_kind = type(one) is type(other) and len(one) == len(other)
        return are_of_a_kind and all(map(_is_same, one, other))
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one):
        return math.isnan(other)
    return bool(one == other)


def _in_python(value: Any) -> Any:
    """Return what numpy and pandas have as Python has it."""
    return value.tolist() if hasattr(value, "tolist") else value
