"""The names of a result's columns that a statement does not name.

A column keeps its name, a field of a struct too; everything else is KSQL_COL_0, KSQL_COL_1, ….
Where a name is taken, a number is put behind.
"""

from collections.abc import Iterable

from eventlab.sql.syntax import Column, Expression, Field

_COMPUTED = "KSQL_COL_"


class Names:
    """Names for the columns of one result, beside those that its sources have."""

    def __init__(self, taken: Iterable[str]):
        self._taken = set(taken)
        self._next: dict[str, int] = {}

    def of(self, expression: Expression) -> str:
        """Return the name of a column that shows an expression."""
        if isinstance(expression, Column):
            return expression.name
        if isinstance(expression, Field):
            return self._free(expression.name, first=expression.name)
        return self._free(_COMPUTED, first=None)

    def _free(self, name: str, *, first: str | None) -> str:
        """Return a name that nothing has: `first`, or the name with a number behind it."""
        joint = "" if first is None else "_"
        if first is not None and name not in self._taken:
            self._taken.add(name)
            return name
        number = self._next.get(name, 0 if first is None else 1)
        while f"{name}{joint}{number}" in self._taken:
            number += 1
        self._next[name] = number + 1
        return f"{name}{joint}{number}"
