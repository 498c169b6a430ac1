"""The table of wrong calls: each is a result, or an error that says what to do, and no change."""

from functools import cache

import pytest

from tests.calls.surface import ROOMS
from tests.calls.table import Cell, cells, fault, sample
from tests.calls.world import made

pytestmark = pytest.mark.broker


@cache
def every_cell() -> tuple[Cell, ...]:
    """Return all wrong calls: each room is chosen from them while tests are collected."""
    return tuple(cells())


def cells_of(room: str) -> list[Cell]:
    """Return the wrong calls of a room; none where all its verbs are left out for a reason."""
    return [cell for cell in every_cell() if cell.verb.startswith(f"{room}.")]


def faults(chosen) -> list[str]:
    """Return what is wrong with what came of some wrong calls."""
    with made() as world:
        found = [(cell, fault(world, cell)) for cell in chosen]
    return [f"{cell}: {fault}" for cell, fault in found if fault]


def test_a_wrong_value_in_each_parameter_is_refused_or_taken():
    """Some four hundred parameters, one value for each."""
    chosen = sample(seed=1)
    assert len(chosen) >= 400
    assert faults(chosen) == []


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("room", [room for room in ROOMS if cells_of(room)])
def test_every_wrong_value_is_refused_or_taken(room):
    """The whole table, room by room."""
    assert faults(cells_of(room)) == []
