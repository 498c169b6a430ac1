"""What a database sits on, by whichever way it came to it."""

import inspect

import pytest

from eventlab.database.external import ExternalServer
from eventlab.database.local import LocalServer
from eventlab.database.seat import Seat

PUBLIC = {name for name in vars(Seat) if not name.startswith("_")}


@pytest.mark.parametrize("kind", [LocalServer, ExternalServer])
def test_both_kinds_have_all_that_a_seat_has(kind):
    """Each method with the same parameters, each property as a property."""
    assert len(PUBLIC) > 10
    for name in PUBLIC:
        asked = inspect.getattr_static(Seat, name)
        had = inspect.getattr_static(kind, name)
        assert type(had) is type(asked), name
        if inspect.isfunction(asked):
            assert list(inspect.signature(had).parameters) == list(
                inspect.signature(asked).parameters
            )
