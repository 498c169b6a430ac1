"""The table of wrong calls has every public verb, and each has a valid call that is refused one."""

import pytest

from tests.calls.bases import BASES
from tests.calls.surface import NOT_IN_THE_TABLE, public_verbs
from tests.calls.table import signatures
from tests.calls.values import VALUES

NAMES = [name for name, _ in public_verbs()]


def test_every_public_verb_has_a_valid_call():
    """Whoever adds one says how it is called, or why nobody calls it."""
    assert [name for name in NAMES if (name in BASES) == (name in NOT_IN_THE_TABLE)] == []


def test_nothing_is_left_of_what_is_gone():
    """Neither a call nor an exception stays when its verb goes."""
    assert [name for name in [*BASES, *NOT_IN_THE_TABLE] if name not in NAMES] == []


def test_the_table_is_large():
    """Some fifty values go into each of some four hundred parameters."""
    assert len(VALUES) >= 50
    assert sum(map(len, signatures().values())) >= 400


@pytest.mark.parametrize("name", VALUES)
def test_each_value_can_be_made(name):
    """None of them is refused before it reaches the call."""
    VALUES[name]()
