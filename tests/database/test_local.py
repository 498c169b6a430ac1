"""A seat at the server of this home."""

import pytest

from eventlab.broker.states import BrokerState
from eventlab.database import local
from eventlab.database.local import LocalServer
from eventlab.errors import DatabaseError, StorageError
from tests.waiting import until

pytestmark = pytest.mark.database


def test_nothing_starts_before_it_is_asked_for(home):
    """A seat that nobody has taken has no server, and may be stopped and closed."""
    seat = LocalServer("a test")
    assert (seat.state, seat.pid, seat.external) == ("lost", None, False)
    seat.stop()
    seat.kill()
    seat.resume()
    seat.close()
    with pytest.raises(DatabaseError, match="not running"):
        seat.suspend()


def test_what_one_does_the_other_sees(home):
    """Users of one server are told of each other, and of its state."""
    one = LocalServer("one")
    other = LocalServer("other")
    one.start()
    other.start()
    one.stop()
    until(lambda: other.state in ("stopping", "stopped"), what="the news of its end")
    other.start()
    assert one.pid == other.pid
    assert one.log_path.exists()
    one.close()
    other.close()


def test_windows_cannot_freeze_it(home, monkeypatch):
    """The error names what serves there."""
    with monkeypatch.context() as patch:
        patch.setattr(local.sys, "platform", "win32")
        with pytest.raises(DatabaseError, match=r"Windows.*stop\(\)"):
            LocalServer("a test").suspend()


@pytest.mark.parametrize(
    ("reason", "kind", "words"),
    [
        ("No space left on device", StorageError, "full"),
        ("it is broken", DatabaseError, "did not start.*it is broken.*postgres.log"),
    ],
)
def test_why_it_did_not_start_is_one_error(home, reason, kind, words):
    """A full disk is the disk's error, all else the database's."""
    with pytest.raises(kind, match=words):
        raise local._failed(BrokerState("failed", reason))
