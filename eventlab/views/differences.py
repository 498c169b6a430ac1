"""Where two views differ, row by row."""

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
    return "" if ours[key] == theirs[key] else DIFFERS
