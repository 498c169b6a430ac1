"""What can be turned on a stage."""

import pytest

from eventlab.errors import UsageError
from eventlab.lab.acts import kinds_of
from eventlab.lab.turns import Turns
from eventlab.live.director import Turn

VALUES = [1, 4, 16]


def act(lab, services=4, batch_size=100, acknowledged=True):
    """Take three arguments with defaults."""


def test_it_begins_with_the_default():
    """In words for the page."""
    turns = Turns(act, {"services": VALUES, "batch_size": [100, 1000]})
    assert turns.shown() == [
        Turn("services", ["1", "4", "16"], 1),
        Turn("batch size", ["100", "1,000"], 0),
    ]


def test_another_value_goes_into_both_runs():
    """And into their captions, where these speak of it; what breaks a run stays."""
    turns = Turns(act, {"services": VALUES, "batch_size": [100, 1000]})
    turns.to("services", 16)
    turns.to(*turns.at("batch size", 1))
    kinds = kinds_of(act, {"services": 1, "acknowledged": False}, is_broken=False)
    whole, broken = (turns.applied(kind) for kind in kinds)
    assert whole.arguments == {"services": 16, "acknowledged": True, "batch_size": 1000}
    assert broken.arguments == {"services": 1, "acknowledged": False, "batch_size": 1000}
    assert whole.caption == "services: 16, acknowledged: yes"
    assert broken.caption == "services: 1, acknowledged: no"


@pytest.mark.parametrize(
    ("turn", "expected"),
    [
        (3, "a dict of values"),
        ({"shops": [1]}, "services, batch_size, acknowledged"),
        ({"services": 4}, "values, in order"),
        ({"services": "4"}, "values, in order"),
        ({"services": [1, 2]}, "the default among the values: 4"),
        ({"services": []}, "the default among the values: 4"),
    ],
)
def test_what_cannot_be_turned_is_refused(turn, expected):
    """With what could be."""
    with pytest.raises(UsageError, match=expected):
        Turns(act, turn)


def test_a_value_that_it_does_not_have_is_refused():
    """And the one of before stays."""
    turns = Turns(act, {"services": VALUES})
    with pytest.raises(UsageError, match="1 or 4 or 16"):
        turns.to("services", 5)
    with pytest.raises(UsageError, match="'services'"):
        turns.to("shops", 4)
    assert turns.shown() == [Turn("services", ["1", "4", "16"], 1)]
