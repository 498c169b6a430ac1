"""What an annotation allows, and how it is called."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import UnionType
from typing import Any, Literal, Protocol, TypeVar

import numpy
import pandas
import pytest

from eventlab.events import Event, Order, Payment
from eventlab.kinds import ANYTHING, kind_of

NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)
Thing = TypeVar("Thing")


class Closes(Protocol):
    """Something that can be closed."""

    name: str

    def close(self) -> None:
        """Close it."""


class Door:
    """A door."""

    name = "door"

    def close(self) -> None:
        """Close it."""


TAKEN = [
    (int, [0, -1, numpy.int64(3)]),
    (float, [0, 1.5, numpy.float32(2)]),
    (bool, [True, numpy.bool(False)]),
    (str, ["", "Zoë"]),
    (bytes, [b""]),
    (type(None), [None]),
    (datetime, [NOON, pandas.Timestamp(NOON)]),
    (timedelta, [timedelta(-1), pandas.Timedelta("1s")]),
    (str | None, ["a", None]),
    (Literal["a", "b"], ["a"]),
    (Sequence[int], [[], [1], (1, 2), range(3)]),
    (Iterable[int], [[], {1}, iter([]), numpy.array([1])]),
    (dict[int, int], [{}, {0: 1}]),
    (Mapping[str, Any], [{"a": None}]),
    (tuple[str, int], [("a", 1)]),
    (tuple[str, ...], [(), ("a", "b")]),
    (Callable[[int], int], [print, int]),
    (type[Event] | UnionType, [Order, Order | Payment]),
    (Closes, [Door()]),
    ("Door", [Door()]),
    ("Door | None", [Door(), None]),
    ("Elsewhere | str", ["a"]),
]

REFUSED = [
    (int, [True, 1.0, "1", None, numpy.float64(1)], "a whole number"),
    (float, [True, "1", float("nan"), float("inf"), 10**400, None], "a number"),
    (bool, [0, 1, "True", None], "True or False"),
    (str, [None, b"a", 1, "\ud800"], "text"),
    (datetime, [datetime(2025, 3, 3), pandas.NaT, "2025-03-03"], "a datetime with its time zone"),
    (timedelta, [5, None, pandas.NaT], "a timedelta"),
    (str | None, [1], "text or None"),
    (str | int | None, [1.5], "text, a whole number or None"),
    (Literal["a", "b"], ["c", None, numpy.array([1, 2])], "'a' or 'b'"),
    (Sequence[int], ["a", [None], {1: 1}, iter([1]), numpy.array([1])], "a list of a whole number"),
    (Iterable[int], ["a", b"a", {1: 1}, 5, None], "a list, a generator or the like"),
    (dict[int, int], [{"a": 1}, {0: None}, [0]], "a dict of a whole number"),
    (tuple[str, int], [("a",), ("a", "b"), ["a", 1]], "a tuple of text and a whole number"),
    (Callable[[int], int], [None, "print"], "a function"),
    (type[Event] | UnionType, [int, "Order"], "a class of Event or several as A | B"),
    (Closes, [None, "a"], "something with close, name"),
    ("Door", [None, "a"], "a Door"),
    ("Elsewhere | str", [None], "an Elsewhere or text"),
]


@pytest.mark.parametrize(("annotation", "values"), TAKEN, ids=[str(one[0]) for one in TAKEN])
def test_what_an_annotation_allows(annotation, values):
    """Numpy's and pandas' own values are taken where they say the same."""
    kind = kind_of(annotation, globals())
    assert [value for value in values if not kind.takes(value)] == []


@pytest.mark.parametrize(
    ("annotation", "values", "words"), REFUSED, ids=[str(one[0]) for one in REFUSED]
)
def test_what_an_annotation_does_not_allow(annotation, values, words):
    """The words say what would be taken."""
    kind = kind_of(annotation, globals())
    assert [value for value in values if kind.takes(value)] == []
    assert kind.words == words


@pytest.mark.parametrize("annotation", [Any, object, Thing, Any | None])
def test_what_may_be_anything(annotation):
    """Nothing is looked at."""
    assert kind_of(annotation, globals()) is ANYTHING
