"""What a lab sits on, by whichever way it came to it."""

import inspect

import pytest

from eventlab.broker import Broker, ExternalCluster, Seat

PUBLIC = {name for name in vars(Seat) if not name.startswith("_")} | {"__enter__", "__exit__"}


@pytest.mark.parametrize("kind", [Broker, ExternalCluster])
def test_both_kinds_have_all_that_a_seat_has(kind):
    """Each method with the same parameters, each property as a property."""
    assert len(PUBLIC) > 20
    for name in PUBLIC:
        asked, had = inspect.getattr_static(Seat, name), inspect.getattr_static(kind, name)
        assert type(had) is type(asked), name
        if inspect.isfunction(asked):
            assert list(inspect.signature(had).parameters) == list(
                inspect.signature(asked).parameters
            )
