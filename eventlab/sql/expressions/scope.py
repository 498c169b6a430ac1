"""Which columns an expression may name, and where each stands in a row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from eventlab.errors import SqlError
from eventlab.sql.syntax import Column
from eventlab.sql.types import SqlType


@dataclass(frozen=True)
class Place:
    """Where the values of a column stand in a row, and their type; `source` is how it is called."""

    name: str
    kind: SqlType
    place: int
    source: str | None = None

    def __str__(self) -> str:
        return self.name if self.source is None else f"{self.source}.{self.name}"


class Scope:
    """The columns of a row, and the parameters of the lambdas around an expression.

    A row has `width` values, and behind them those of the parameters, the innermost last.
    """

    def __init__(
        self,
        places: Iterable[Place],
        *,
        width: int | None = None,
        parameters: Sequence[Place] = (),
    ) -> None:
        self._places = list(places)
        self._parameters = tuple(parameters)
        self._by_name: dict[str, list[Place]] = {}
        for place in self._places:
            self._by_name.setdefault(place.name, []).append(place)
        highest = max((place.place for place in self._places), default=-1)
        self._width = highest + 1 if width is None else width

    @classmethod
    def of(cls, columns: Iterable[tuple[str, SqlType]], source: str | None = None) -> "Scope":
        """Return the scope of rows that have just these columns, in this order."""
        return cls(Place(name, kind, place, source) for place, (name, kind) in enumerate(columns))

    def within(self, names: Sequence[str], kinds: Sequence[SqlType]) -> "Scope":
        """Return the scope inside a lambda with these parameters."""
        first = self._width + len(self._parameters)
        further = [
            Place(name, kind, first + number)
            for number, (name, kind) in enumerate(zip(names, kinds, strict=True))
        ]
        return Scope(self._places, width=self._width, parameters=[*self._parameters, *further])

    def has(self, column: Column) -> bool:
        """Tell whether there is such a column, or several."""
        return bool(self._fitting(column))

    def find(self, column: Column) -> Place:
        """Return where a column stands; raise SqlError if there is none, or several."""
        fitting = self._fitting(column)
        if not fitting:
            raise self._missing(column)
        if len({place.place for place in fitting}) > 1:
            several = ", ".join(map(str, fitting))
            raise SqlError(
                f"Column {column.name} is ambiguous",
                expected="the name of one column",
                found=f"{column.name}, which is one of {several}",
                remedy=f"Say which source it is of, such as {fitting[0]}.",
                position=column.position,
            )
        return fitting[0]

    def _fitting(self, column: Column) -> list[Place]:
        if column.source is None:
            inner = [place for place in self._parameters if place.name == column.name]
            if inner:
                return inner[-1:]
        return [
            place
            for place in self._by_name.get(column.name, ())
            if column.source in (None, place.source)
        ]

    def _missing(self, column: Column) -> SqlError:
        sources = {place.source for place in self._places if place.source is not None}
        if column.source is not None and column.source not in sources:
            return SqlError(
                f"Source {column.source} is not read here",
                expected=f"one of {', '.join(sorted(sources)) or 'no source'}",
                found=f"{column.source}.{column.name}",
                remedy="Name a source that stands in FROM or in a JOIN.",
                position=column.position,
            )
        names = sorted(
            {place.name for place in self._places if column.source in (None, place.source)}
            | {place.name for place in self._parameters}
        )
        is_quoted = column.name != column.name.upper()
        near = get_close_matches(column.name.upper(), names, n=3, cutoff=0.8 if is_quoted else 0.5)
        remedy = f"Did you mean {', '.join(near)}?" if near else "Name one of the columns."
        if is_quoted and column.name.upper() not in names:
            remedy = f"A text has single quotes: '{column.name}'."
        return SqlError(
            f"Column {column.name} does not exist",
            expected=f"one of {', '.join(names)}" if names else "an expression without columns",
            found=column.name if column.source is None else f"{column.source}.{column.name}",
            remedy=remedy,
            position=column.position,
        )
