"""The names of a result's columns that a statement does not name.

A column keeps its name, a field of a struct too; everything else is KSQL_COL_0, KSQL_COL_1, ….
Where a name is taken, a number is put behind.
"""

import re
from collections.abc import Iterable

from eventlab.sql.syntax import Column, Expression, Field

_COMPUTED = "KSQL_COL_"


class Names:
    """Names for the columns of one result, beside those that its sources have."""

    def __init__(self, taken: Iterable[str]):
        self._taken = list(taken)
        self._next: dict[str, int] = {}

    def of(self, expression: Expression) -> str:
        """Return the name of a column that shows an expression."""
        if isinstance(expression, Column):
            return expression.name
        if isinstance(expression, Field):
            number = self._number(f"{expression.name}_", bare=expression.name)
            return f"{expression.name}_{number}" if number else expression.name
        return f"{_COMPUTED}{self._number(_COMPUTED)}"

    def _number(self, prefix: str, bare: str | None = None) -> int:
        if prefix not in self._next:
            pattern = re.compile(rf"{re.escape(prefix)}(\d+)")
            found = [int(one[1]) for name in self._taken if (one := pattern.fullmatch(name))]
            if bare is not None and bare in self._taken:
                found.append(0)
            self._next[prefix] = max(found, default=-1) + 1
        number = self._next[prefix]
        self._next[prefix] = number + 1
        return number
