"""A server is found, or started; two may do so at once."""

import threading

import pytest

from eventlab.database import joining
from eventlab.database.ground import server_folder
from eventlab.database.local import LocalServer
from eventlab.database.plan import state_file
from eventlab.errors import DatabaseError
from eventlab.processes.locking import locked
from tests.waiting import until

pytestmark = pytest.mark.database


def _nothing(_state) -> None:
    """Do nothing."""


def test_two_who_start_at_once_share_one(home):
    """One of both supervisors is refused, and its user joins the other."""
    seats = [LocalServer(name) for name in ("one", "other")]
    threads = [threading.Thread(target=seat.start) for seat in seats]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert seats[0].pid == seats[1].pid
    assert sorted(seats[0].users) == ["one", "other"]
    for seat in seats:
        seat.close()


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"port": 1, "token": "x"}'])
def test_a_state_that_says_nothing_is_passed_over(home, text):
    """What an ended supervisor has left behind leads nowhere, and a new one is started."""
    state_file(server_folder()).write_text(text, encoding="utf-8")
    assert joining.reached("a test", _nothing) is None
    seat = LocalServer("a test")
    seat.start()
    assert seat.state == "running"
    seat.close()


def test_a_folder_that_someone_holds_in_silence_is_one_error(home, monkeypatch):
    """Nobody waits for ever for a supervisor that does not answer."""
    monkeypatch.setattr(joining, "_JOIN_SECONDS", 0.5)
    lock = locked(server_folder() / "lock")
    with pytest.raises(DatabaseError, match=r"does not answer.*EVENTLAB_HOME"):
        joining.joined("a test", _nothing)
    lock.close()


@pytest.mark.long
def test_one_who_comes_while_the_last_is_going_gets_a_new_one(home):
    """Whatever the one that ends removes, the next one starts, again and again."""
    for _ in range(4):
        seat = LocalServer("a test")
        seat.start()
        seat.close()
        until(lambda: not state_file(server_folder()).exists())
