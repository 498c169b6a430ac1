"""JSON objects read straight into their columns, where all are as they were before.

What is read is learned: the names that objects have, as they write them. An object with none but
those names, whose values are of the columns' own types, is read by msgspec in one go. Any other is
read field by field, which is always right; both ways give the same.
"""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Annotated, Any, TypeAlias

import msgspec

from eventlab.sql.formats.serde import Columns
from eventlab.sql.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    STRING,
    TIME,
    TIMESTAMP,
    SqlType,
)

Convert: TypeAlias = Callable[[Any], Any]

_MOST_LEARNED = 8  # so often may objects have new names; then it is not worth the while

_SIGNS = {"\\", '"'}
_SHORT = Annotated[int, msgspec.Meta(ge=-(2**31), le=2**31 - 1)] | None
_LONG = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)] | None
_TYPED: dict[SqlType, Any] = {
    BOOLEAN: bool | None,
    INTEGER: _SHORT,
    BIGINT: _LONG,
    DOUBLE: float | None,
    STRING: str | None,
    DATE: _SHORT,
    TIME: _SHORT,
    TIMESTAMP: _LONG,
}


class FieldsReader:
    """Read the columns of objects; `parse` reads any object, `pick` takes the columns out of it."""

    def __init__(
        self,
        columns: Columns,
        reader_of: Callable[[SqlType], Convert],
        parse: Callable[[bytes], dict[str, Any] | None],
        pick: Callable[[dict[str, Any]], Sequence[Any]],
        float_hook: Callable[[str], Any],
    ):
        self._columns = columns
        self._parse = parse
        self._pick_slowly = pick
        self._float_hook = float_hook
        self._known: dict[str, None] = {}
        self._times_learned = 0
        self._converts = [
            (place, reader_of(kind))
            for place, (_, kind) in enumerate(columns)
            if kind not in _TYPED
        ]
        self._decode: Callable[[bytes], Any] = _refuse
        self._pick: Callable[[Any], tuple[Any, ...]] = msgspec.structs.astuple

    def read(self, data: bytes) -> Sequence[Any] | None:
        """Return one value a column, None where there is no object. Raises Unreadable."""
        try:
            found = self._pick(self._decode(data))
            return self._converted(found) if self._converts else found
        except Exception:  # whatever it is, the slow way says it, or reads it
            return self._read_slowly(data)

    def _read_slowly(self, data: bytes) -> Sequence[Any] | None:
        found = self._parse(data)
        if found is None:
            return None
        if self._times_learned < _MOST_LEARNED and not found.keys() <= self._known.keys():
            self._learn(found)
        return self._pick_slowly(found)

    def _converted(self, found: tuple[Any, ...]) -> list[Any]:
        values = list(found)
        for place, convert in self._converts:
            if values[place] is not None:
                values[place] = convert(values[place])
        return values

    def _learn(self, found: dict[str, Any]) -> None:
        self._known |= dict.fromkeys(found)
        self._times_learned += 1
        written = [
            [name for name in self._known if column in (name, name.upper())]
            for column, _ in self._columns
        ]
        self._decode = _refuse
        # Which of several names counts is told by the object alone.
        is_clear = all(len(names) < 2 for names in written)
        # msgspec has no names with these signs.
        if is_clear and all(name.isprintable() and not _SIGNS & {*name} for name in self._known):
            self._decode = self._decoder([names[0] if names else None for names in written])
        else:
            self._times_learned = _MOST_LEARNED

    def _decoder(self, written: list[str | None]) -> Callable[[bytes], Any]:
        names = {f"c{place}": name for place, name in enumerate(written) if name is not None}
        types = {
            f"c{place}": _TYPED.get(kind, Any) for place, (_, kind) in enumerate(self._columns)
        }
        others = [name for name in self._known if name not in names.values()]
        if others or len(names) < len(types):
            self._pick = _picker(len(types))
        names |= {f"o{number}": name for number, name in enumerate(others)}
        fields = [(field, types.get(field, msgspec.Raw), None) for field in names]
        shape = msgspec.defstruct(
            "Fields",
            fields,
            namespace=dict.fromkeys(types.keys() - names.keys()),  # what no object has is NULL
            rename=names,
            forbid_unknown_fields=True,
            gc=False,
        )
        return msgspec.json.Decoder(shape, float_hook=self._float_hook).decode


def _refuse(data: bytes) -> Any:
    raise ValueError("nothing is learned yet")


def _picker(number: int) -> Callable[[Any], tuple[Any, ...]]:
    names = [f"c{place}" for place in range(number)]
    if number > 1:
        return attrgetter(*names)
    return lambda found: tuple(getattr(found, name) for name in names)
