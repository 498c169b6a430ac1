"""How many different values there are, about: HyperLogLog with 16,384 registers.

As long as there are few values their hashes are kept, and the number is right. From then on there
is one byte a register, 16 kB in all. Sources: Flajolet, Fusy, Gandouet, Meunier (2007),
"HyperLogLog"; the small numbers by linear counting, as there.
"""

import math
from hashlib import blake2b
from typing import Any

from eventlab.sql.functions.values import identity

_BITS = 14
_REGISTERS = 1 << _BITS
_REST_BITS = 64 - _BITS
_FEW = 256
_BIAS = 0.7213 / (1 + 1.079 / _REGISTERS)

# Hashes of few values, or a byte for each register.
Registers = frozenset[int]
State = frozenset[int] | bytes


def added(state: State, value: Any) -> State:
    """Return a state with one value more."""
    return merged(state, frozenset((_hash(value),)))


def merged(one: State, other: State) -> State:
    """Return the state of all values of two."""
    if isinstance(one, frozenset) and isinstance(other, frozenset):
        both = one | other
        return both if len(both) <= _FEW else _noted(bytes(_REGISTERS), both)
    if isinstance(one, frozenset):
        return merged(other, one)
    if isinstance(other, frozenset):
        return _noted(one, other)
    return bytes(map(max, one, other))


def cardinality(state: State) -> int:
    """Return about how many different values a state has seen."""
    if isinstance(state, frozenset):
        return len(state)
    raw = _BIAS * _REGISTERS**2 / sum(2.0**-rank for rank in state)
    empty = state.count(0)
    if raw <= 2.5 * _REGISTERS and empty:
        return round(_REGISTERS * math.log(_REGISTERS / empty))
    return round(raw)


def _noted(registers: bytes, hashes: frozenset[int]) -> bytes:
    ranks: dict[int, int] = {}
    for found in hashes:
        place = found >> _REST_BITS
        rest = found & ((1 << _REST_BITS) - 1)
        rank = _REST_BITS - rest.bit_length() + 1
        ranks[place] = max(rank, ranks.get(place, 0))
    greater = {place: rank for place, rank in ranks.items() if rank > registers[place]}
    if not greater:
        return registers
    changed = bytearray(registers)
    for place, rank in greater.items():
        changed[place] = rank
    return bytes(changed)


def _hash(value: Any) -> int:
    written = repr(_sorted(identity(value))).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(written, digest_size=8).digest(), "big")


def _sorted(value: Any) -> Any:
    """Return an identity whose sets are in an order, so that all processes write it alike."""
    if isinstance(value, frozenset):
        return sorted(map(repr, map(_sorted, value)))
    return tuple(map(_sorted, value)) if isinstance(value, tuple) else value
