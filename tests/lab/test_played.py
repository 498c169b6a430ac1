"""Waiting for what an experiment plays, and for the flows that read it."""

from types import SimpleNamespace

import pytest

from eventlab.errors import LogError
from eventlab.lab.played import has_read, require_played, wait_for


@pytest.mark.parametrize(
    ("lag", "offset", "is_all"), [(0, 60, True), (0, 59, False), (1, 60, False), (None, 0, False)]
)
def test_a_flow_has_read_all_when_it_stands_behind_the_last_record(lag, offset, is_all):
    """Its lag is that of its last fetch, and may be none while more was written."""
    flow = SimpleNamespace(lag=lag, positions={("orders", 0): offset, ("else", 0): 3})
    assert has_read(flow, {("orders", 0): 60}) is is_all


def test_a_flow_that_never_reads_is_not_waited_for_without_end():
    """The time that one gives it counts for flows as for players."""
    flow = SimpleNamespace(name="stuck", is_alive=True, lag=None, count=3, positions={})
    side = SimpleNamespace(players=[], flows=[flow])
    with pytest.raises(LogError, match="stuck has not read all"):
        wait_for(side, 0.01)


def test_what_was_stopped_was_not_played():
    """It says how far it came."""

    def player(state):
        status = SimpleNamespace(state=state)
        return SimpleNamespace(topic="orders", status=status, report=SimpleNamespace(sent=3))

    require_played(player("finished"))
    with pytest.raises(LogError, match="stopped after 3"):
        require_played(player("stopped"))
