"""Table functions: one row becomes as many as a function gives values."""

from typing import Any

from eventlab.sql.functions.declaring import table_function

_MOST_COLUMNS = 20


@table_function("EXPLODE", "(array ARRAY<T>) T", "One row for each element of an array.")
def explode(array: list[Any]) -> list[Any]:
    """Return each element as a row."""
    return array


@table_function(
    "CUBE_EXPLODE",
    "(columns ARRAY<T>) ARRAY<T>",
    "One row for each choice of the columns that are kept, the others being NULL.",
)
def cube_explode(columns: list[Any]) -> list[list[Any]]:
    """Return the choices from none to all; a column that is NULL is never chosen."""
    if len(columns) > _MOST_COLUMNS:
        raise ValueError(f"A cube has at most {_MOST_COLUMNS} columns, not {len(columns)}")
    chosen: list[list[Any]] = [[]]
    for value in columns:
        kept = [None] if value is None else [None, value]
        chosen = [[*row, one] for row in chosen for one in kept]
    return chosen
