"""What statements answer: a sentence, or rows; push queries answer with a running.pushing.Push."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from eventlab.sql.planning.rows import Field
from eventlab.sql.types import DATE, STRING, TIME, TIMESTAMP, SqlType

if TYPE_CHECKING:
    import pandas

    from eventlab.sql.catalog import Source
    from eventlab.sql.planning.plans import Step
    from eventlab.sql.running.pushing import Push
    from eventlab.sql.running.standing import Standing


@dataclass(frozen=True)
class Said:
    """A sentence that says what was done."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Rows:
    """Columns and rows, each a tuple of values as `sql.types` has them."""

    columns: tuple[Field, ...]
    rows: list[tuple[Any, ...]]

    def frame(self) -> "pandas.DataFrame":
        """Return them as a DataFrame; dates and times are pandas' own, in UTC."""
        return frame(self.columns, self.rows)


@dataclass(frozen=True)
class Explained(Rows):
    """A plan, a row for each step; `target` is what it writes, `query` what runs it, if any does.

    Of a statement that is not run there is no `query`, of one that is only shown no `target`.
    """

    plan: "Step"
    target: "Source | None" = None
    query: "Standing | None" = None


Answer: TypeAlias = "Said | Rows | Push"


def table(names: list[str], rows: list[tuple[Any, ...]]) -> Rows:
    """Return rows of texts."""
    return Rows(tuple(Field(name, STRING) for name in names), rows)


def frame(columns: tuple[Field, ...], rows: list[tuple[Any, ...]]) -> "pandas.DataFrame":
    """Return rows as a DataFrame; dates and times are pandas' own, in UTC."""
    import pandas

    found = pandas.DataFrame(rows, columns=[column.name for column in columns], dtype="object")
    for column in columns:
        found[column.name] = _series(found[column.name], column.kind)
    return found


def _series(values: "pandas.Series[Any]", kind: SqlType) -> "pandas.Series[Any]":
    import pandas

    if kind == TIMESTAMP:
        return pandas.to_datetime(values, unit="ms", utc=True)
    if kind == DATE:
        return pandas.to_datetime(values, unit="D").dt.date
    if kind == TIME:
        return pandas.to_timedelta(values, unit="ms")
    return values.infer_objects()
