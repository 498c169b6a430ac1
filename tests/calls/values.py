"""Some fifty values that a call may be given by mistake; each is made anew for every call."""

import datetime as dt
import math
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy
import pandas


class Anything:
    """A class that takes whatever it is given: what a learner's own code raises is its own."""

    def __init__(self, *_arguments: object, **_options: object) -> None:
        """Take it."""


class Unshowable:
    """Something whose representation cannot be had."""

    def __repr__(self) -> str:
        raise RuntimeError("it does not want to be shown")

    __str__ = __repr__


class Incomparable:
    """Something that can be compared with nothing."""

    __hash__ = None

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("it does not want to be compared")


VALUES: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "an ellipsis": lambda: ...,
    # texts
    "no text": str,
    "a space": lambda: " ",
    "a word": lambda: "fast",
    "a number as text": lambda: "3",
    "a folder": lambda: "a/b",
    "a folder above": lambda: "../../x",
    "a NUL": lambda: "a\0b",
    "a line break": lambda: "a\nb",
    "a long name": lambda: "x" * 300,
    "a huge text": lambda: "x" * 3_000_000,
    "not ASCII": lambda: "Zoë 😀",
    "half a character": lambda: "\ud800",
    "bytes": lambda: b"bytes",
    "a path": lambda: Path("some") / "where",
    # numbers
    "True": lambda: True,
    "False": lambda: False,
    "0": lambda: 0,
    "-1": lambda: -1,
    "10**30": lambda: 10**30,
    "-10**30": lambda: -(10**30),
    "1.5": lambda: 1.5,
    "NaN": lambda: math.nan,
    "infinity": lambda: math.inf,
    "-infinity": lambda: -math.inf,
    "a decimal": lambda: Decimal("1.5"),
    "a decimal NaN": lambda: Decimal("nan"),
    "a complex number": lambda: 1j,
    "numpy's 3": lambda: numpy.int64(3),
    "numpy's NaN": lambda: numpy.float64("nan"),
    "an array": lambda: numpy.array([1, 2]),
    # times
    "NaT": lambda: pandas.NaT,
    "NA": lambda: pandas.NA,
    "a time without zone": lambda: dt.datetime(2025, 3, 3, 8),
    "pandas' time without zone": lambda: pandas.Timestamp("2025-03-03 08:00"),
    "the first moment": lambda: dt.datetime.min.replace(tzinfo=dt.UTC),
    "the last moment": lambda: dt.datetime.max.replace(tzinfo=dt.UTC),
    "a date": lambda: dt.date(2025, 3, 3),
    "a negative duration": lambda: dt.timedelta(seconds=-1),
    "the longest duration": lambda: dt.timedelta.max,
    "the shortest duration": lambda: dt.timedelta.min,
    # what holds others
    "an empty list": list,
    "a list of None": lambda: [None],
    "a list of itself": lambda: _endless(),
    "an empty dict": dict,
    "a dict": lambda: {"a": 1},
    "a dict by number": lambda: {0: -1},
    "an empty set": set,
    "a tuple": lambda: (1, 2, 3),
    "a generator": lambda: (one for one in [1, "two", None]),
    "an exhausted iterator": lambda: iter([]),
    "an endless iterator": lambda: _without_end(),
    "a frame": lambda: pandas.DataFrame({"a": [1, 2]}),
    # others
    "a function": lambda: lambda *_arguments, **_options: None,
    "a class": lambda: Anything,
    "an object": object,
    "what cannot be shown": Unshowable,
    "what cannot be compared": Incomparable,
    "an error": lambda: ValueError("an error"),
}


def _endless() -> list[Any]:
    one: list[Any] = []
    one.append(one)
    return one


def _without_end() -> Iterator[None]:
    number = 0
    while True:
        number += 1
        if number > 10_000:
            time.sleep(0.0001)  # whoever collects them shall not fill the memory
        yield None
