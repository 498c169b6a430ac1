"""The rows of a Flink query: what its changes come to, or the changes themselves."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from eventlab.flink.client import Column, Page

if TYPE_CHECKING:
    import pandas

# As Flink's own SQL client writes them.
SIGNS = {"INSERT": "+I", "UPDATE_BEFORE": "-U", "UPDATE_AFTER": "+U", "DELETE": "-D"}
CHANGE = "change"

Row = tuple[Any, ...]


class Answer:
    """What a statement gives, taken page by page.

    Where `shows_changes`, each change is a row, behind its sign; else rows that are taken back go,
    and one that replaces another stands at the end.
    """

    def __init__(self, *, shows_changes: bool = False) -> None:
        self.columns: list[Column] = []
        self.is_query = False
        self._shows_changes = shows_changes
        self._rows: dict[int, Row] = {}  # by their numbers, in the order in which they came
        self._numbers: dict[str, list[int]] = {}  # of equal rows
        self._next = 0

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def rows(self) -> list[Row]:
        """Return the rows as they are now."""
        return list(self._rows.values())

    def add(self, page: Page, most: int | None = None) -> None:
        """Take a page, or as many of its changes as it takes to have `most` rows."""
        self.columns = page.columns or self.columns
        self.is_query = page.is_query or self.is_query
        for kind, row in page.changes:
            if most is not None and len(self) >= most:
                return
            self._take(SIGNS[kind], row)

    def frame(self) -> "pandas.DataFrame":
        """Return the rows as a DataFrame; dates and times are pandas' own, in UTC."""
        import pandas

        columns = [Column(CHANGE, "VARCHAR")] if self._shows_changes and self.is_query else []
        columns += self.columns
        names = [column.name for column in columns]
        found = pandas.DataFrame(self.rows, columns=names, dtype="object")
        series = [
            _series(found.iloc[:, place], column.kind) for place, column in enumerate(columns)
        ]
        return pandas.concat(series, axis="columns") if series else found

    def _take(self, sign: str, row: Row) -> None:
        if self._shows_changes and self.is_query:
            self._put((sign, *row))
        elif sign.startswith("+"):
            self._put(row)
        elif numbers := self._numbers.get(repr(row)):
            del self._rows[numbers.pop()]

    def _put(self, row: Row) -> None:
        self._rows[self._next] = row
        self._numbers.setdefault(repr(row), []).append(self._next)
        self._next += 1


def _series(values: "pandas.Series[Any]", kind: str) -> "pandas.Series[Any]":
    convert = _CONVERTED.get(kind)
    return values.infer_objects() if convert is None else convert(values)


def _moments(values: "pandas.Series[Any]") -> "pandas.Series[Any]":
    import pandas

    return pandas.to_datetime(values, format="ISO8601", utc=True)


def _dates(values: "pandas.Series[Any]") -> "pandas.Series[Any]":
    found: pandas.Series[Any] = _moments(values).dt.date
    return found


def _times(values: "pandas.Series[Any]") -> "pandas.Series[Any]":
    import pandas

    return pandas.to_timedelta(values)


def _integers(values: "pandas.Series[Any]") -> "pandas.Series[Any]":
    if values.isna().any():  # as floats, great ones would be others
        return values.astype("Int64")
    return values.infer_objects()


def _floats(values: "pandas.Series[Any]") -> "pandas.Series[Any]":
    return values.astype("float64")  # JSON has no NaN: it comes as a text


_CONVERTED: dict[str, Callable[["pandas.Series[Any]"], "pandas.Series[Any]"]] = {
    **dict.fromkeys(["TINYINT", "SMALLINT", "INTEGER", "BIGINT"], _integers),
    "TIMESTAMP_WITHOUT_TIME_ZONE": _moments,
    "TIMESTAMP_WITH_LOCAL_TIME_ZONE": _moments,
    "DATE": _dates,
    "TIME_WITHOUT_TIME_ZONE": _times,
    "DOUBLE": _floats,
    "FLOAT": _floats,
}
