"""The magics of a notebook: %%sql runs a cell's statements on the newest lab's topics, %sql a line.

```text
%%sql --chart
SELECT customer_id, COUNT(*) AS orders FROM orders GROUP BY customer_id EMIT CHANGES;
```
"""

from collections.abc import Callable
from typing import Any, Protocol

from IPython import get_ipython

_CHART = "--chart"


class Asked(Protocol):
    """What is asked: a lab."""

    def sql(self, statements: str, *, chart: bool = False) -> Any:
        """Run statements, and return the last one's answer."""


def register_sql(newest: Callable[[], Asked]) -> None:
    """Let a notebook know %%sql and %sql, for the lab that is the newest when they are used."""
    shell = get_ipython()
    if shell is None or not hasattr(shell, "register_magic_function"):
        return

    def sql(line: str, cell: str | None = None) -> Any:
        """Run statements of SQL on the lab's topics; --chart draws a query's first number."""
        words, chart = _without_option(line)
        # The statements begin in the second line: so an error counts lines as the cell does.
        return newest().sql(words if cell is None else f"{words}\n{cell}", chart=chart)

    shell.register_magic_function(sql, "line_cell", "sql")


def _without_option(line: str) -> tuple[str, bool]:
    """Return a magic's line without --chart, and whether that was there."""
    first, _, rest = line.strip().partition(" ")
    return (rest, True) if first == _CHART else (line, False)
