"""How values are compared, ordered and looked up, where Java does it otherwise than Python."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

Value = TypeVar("Value")

# Bytes are signed: 0x80 comes before 0x00.
_SIGNED = bytes((byte + 128) % 256 for byte in range(256))


def order(value: Any) -> Any:
    """Return what a value is ordered by; None has none."""
    return value.translate(_SIGNED) if isinstance(value, bytes) else value


def greatest(values: Iterable[Any]) -> Any:
    """Return the greatest of values, None where all of them are."""
    return _extreme(values, max)


def least(values: Iterable[Any]) -> Any:
    """Return the least of values, None where all of them are."""
    return _extreme(values, min)


def identity(value: Any) -> Any:
    """Return what stands for a value in a set: the same for equal lists and equal maps."""
    if isinstance(value, list):
        return ("list", *map(identity, value))
    if isinstance(value, dict):
        return frozenset((key, identity(one)) for key, one in value.items())
    return value


def distinct(values: Iterable[Value]) -> list[Value]:
    """Return values without those that were there before, in their order."""
    first: dict[Any, Value] = {}
    for value in values:
        first.setdefault(identity(value), value)
    return list(first.values())


def in_hash_order(entries: Mapping[str, Value]) -> dict[str, Value]:
    """Return a map in the order in which Java's HashMap goes through it, if its keys are texts.

    What is made of its values one after the other comes out as in ksqlDB.
    """
    if len(entries) < 2 or not all(isinstance(key, str) for key in entries):
        return dict(entries)
    buckets = 2
    while buckets * 3 // 4 < len(entries):
        buckets *= 2
    return dict(sorted(entries.items(), key=lambda entry: _hash(entry[0]) % buckets))


def _extreme(values: Iterable[Any], best: Callable[..., Any]) -> Any:
    return best((value for value in values if value is not None), key=order, default=None)


def _hash(text: str) -> int:
    """Return the hash of a text as Java's HashMap spreads it, in 32 bits."""
    units = text.encode("utf-16-be", "surrogatepass")
    found = 0
    for place in range(0, len(units), 2):
        found = (found * 31 + int.from_bytes(units[place : place + 2], "big")) & 0xFFFFFFFF
    return found ^ (found >> 16)
