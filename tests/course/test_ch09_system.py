"""A system's data: what it owns, what it has copied, and what is left of both after a crash."""

import os
import sqlite3

import pytest

from eventlab.course.ch09_stores import Store
from eventlab.course.ch09_system import CALL, FILE, LOG, Data, agreed, both, system


def change(version, row="p1", value=5):
    return {"owner": "stock", "row": row, "event_id": version, "value": value}


@pytest.fixture
def data(tmp_path):
    kept = Data(tmp_path / "shop.sqlite")
    yield kept
    kept.close()


def test_a_row_of_its_own_is_as_it_was_changed_last(data):
    """One row each, in order."""
    for version, row in (("a", "p2"), ("b", "p1"), ("c", "p2")):
        data.own(change(version, row))
    assert [row["event_id"] for row in data.rows()] == ["b", "c"]
    assert set(data.rows()[0]) == {"owner", "row", "event_id", "value"}


def test_copies_of_different_ways_do_not_mix(data, tmp_path):
    """The same row, as it came each way."""
    data.copy(CALL, change("new"))
    data.copy(FILE, change("old"))
    store = Store(tmp_path, "shop")
    assert store.copy(CALL, "stock") == {"p1": "new"}
    assert store.copy(FILE, "stock") == {"p1": "old"}
    assert store.own() == {}
    assert data.rows() == []


def test_a_record_of_the_log_and_the_place_after_it_are_kept_together(data, tmp_path):
    """Another life goes on behind it; one that fails leaves neither."""
    data.follow(change("a") | {"sent_at": 0.0}, "lab.stock", 4)
    with pytest.raises(KeyError):
        data.follow({"owner": "stock"}, "lab.stock", 5)
    data.close()
    again = Data(tmp_path / "shop.sqlite")
    assert again.place("lab.stock") == 5
    assert again.place("lab.other") == 0
    assert Store(tmp_path, "shop").copy(LOG, "stock") == {"p1": "a"}
    again.follow(change("b") | {"sent_at": 0.0}, "lab.stock", 5)
    assert again.place("lab.stock") == 6
    again.close()


def test_a_file_is_new_once(data, tmp_path):
    """And again when it has been written again."""
    file = tmp_path / "stock to shop.csv"
    file.write_text("one", encoding="utf-8")
    assert [data.is_new(file), data.is_new(file)] == [True, False]
    later = file.stat().st_mtime_ns + 1_000_000
    os.utime(file, ns=(later, later))
    assert data.is_new(file)


def test_what_is_killed_in_the_middle_leaves_a_file_that_can_be_read(data, tmp_path):
    """Whoever draws it reads while it is written."""
    data.copy(CALL, change("a"))
    with sqlite3.connect(tmp_path / "shop.sqlite") as other:
        assert other.execute("select count(*) from rows").fetchone() == (1,)


def test_a_system_takes_what_happens_and_what_it_is_sent():
    """By two paths."""

    async def changed(_change, _others):
        """Tell nobody."""

    app = system("shop", None, changed, lambda _rows, _others: None, ["stock", "shop"])
    assert {route.path for route in app.routes} == {"/copies", "/"}


def test_two_systems_agree_on_the_same_way():
    """Both of them."""
    assert agreed("shop", "stock") == agreed("stock", "shop") == FILE
    assert agreed("shop", "customers") == CALL
    assert both("shop", "stock") == [CALL, FILE]
