"""What systems have, as it is read from outside."""

import sqlite3
import time
from contextlib import closing

import pytest

from eventlab.course.ch09_stores import Store, until
from eventlab.course.ch09_system import CALL, LOG, Data


def test_of_a_system_that_never_was_there_is_nothing(tmp_path):
    """And looking does not make it."""
    store = Store(tmp_path, "shop")
    assert store.own() == store.copy(CALL, "stock") == {}
    assert store.owners(LOG) == set()
    assert store.milliseconds(LOG) == 0
    assert list(tmp_path.iterdir()) == []


def test_of_a_system_that_is_being_made_is_nothing_yet(tmp_path):
    """Its file is there before its tables are."""
    with closing(sqlite3.connect(tmp_path / "shop.sqlite")) as base:
        base.execute("pragma journal_mode = wal")
    assert Store(tmp_path, "shop").own() == {}


def test_what_cannot_be_read_is_no_empty_system(tmp_path):
    """An error that says so; a picture of nothing would be believed."""
    (tmp_path / "shop.sqlite").mkdir()
    with pytest.raises(sqlite3.OperationalError):
        Store(tmp_path, "shop").own()


def test_it_reads_while_the_system_writes(tmp_path):
    """Each look has what was kept before."""
    data = Data(tmp_path / "shop.sqlite")
    store = Store(tmp_path, "shop")
    for number, owner in enumerate(["stock", "prices"]):
        data.copy(CALL, {"owner": owner, "row": "p1", "event_id": f"v{number}", "value": 1})
        assert store.copy(CALL, owner) == {"p1": f"v{number}"}
    assert store.owners(CALL) == {"stock", "prices"}
    assert store.owners(LOG) == set()
    data.close()


def test_how_long_changes_took_is_their_median(tmp_path):
    """Of one way; one slow change does not move it."""
    data = Data(tmp_path / "shop.sqlite")
    now = time.time()
    for ago in (0.1, 0.1, 1000.0):
        sent = {"owner": "stock", "row": "p", "event_id": "v", "value": 1, "sent_at": now - ago}
        data.copy(CALL, sent)
    assert 100 <= Store(tmp_path, "shop").milliseconds(CALL) < 100_000
    data.close()


def test_it_waits_until_something_is_true_or_too_long_has_passed():
    """Not for ever."""
    looks = iter([False, False, True])
    until(lambda: next(looks))
    until(lambda: False, seconds=0.01)
    assert list(looks) == []
