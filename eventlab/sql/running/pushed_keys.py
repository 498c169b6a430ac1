"""The keys of a query's rows, as one reads them."""

from functools import lru_cache
from typing import NamedTuple

import msgspec

_decode = msgspec.json.Decoder(list[object]).decode


class PushedKey(NamedTuple):
    """The key's values in words; where it is of a window, the milliseconds at which that begins."""

    words: str
    start: int | None


def pushed_key(text: str | None, *, has_window: bool = False) -> PushedKey:
    """Return a key by its text (planning.rows.key_text); `has_window` says that one is behind."""
    return _read(text, has_window)


@lru_cache(maxsize=10_000)
def _read(text: str | None, has_window: bool) -> PushedKey:
    if text is None:
        return PushedKey("", None)
    values = _decode(text)
    if not has_window:
        return PushedKey(_words(values), None)
    *own, start, _end = values
    return PushedKey(_words(own), int(str(start)))


def _words(values: list[object]) -> str:
    return ", ".join("NULL" if value is None else str(value) for value in values)
