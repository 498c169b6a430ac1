import pytest

from eventlab.errors import UsageError
from eventlab.live.sheet import Sheet
from tests.waiting import until


@pytest.fixture
def sheet(monkeypatch):
    """A sheet of two rows that keeps what it sends."""
    sent = []
    monkeypatch.setattr(Sheet, "send", lambda self, message: sent.append(message))
    with Sheet("Stock", key="good", alt="What is left", stream="Sales", most=2) as sheet:
        yield sheet, sent


def places(messages):
    """Return what stands in each place after some messages."""
    found = {}
    for message in messages:
        if message["all"]:
            found.clear()
        found.update({one["place"]: one for one in message["places"]})
    return {place: one["key"] for place, one in found.items() if one["key"] is not None}


def test_only_what_has_changed_is_sent_and_lit(sheet):
    """A new row is lit as a whole, later only the cell that differs; the same value is not."""
    widget, sent = sheet
    widget.put([("tea", {"left": 3, "price": 2})])
    until(lambda: len(sent) == 1)
    widget.put([("tea", {"left": 2, "price": 2})])
    until(lambda: len(sent) == 2)
    widget.put([("tea", {"left": 2, "price": 2})])
    until(lambda: len(sent) == 3)
    assert [message["places"][0]["lit"] for message in sent] == [
        [True, True],
        [True, False],
        [False, False],
    ]
    assert sent[1]["places"][0]["cells"] == ["2", "2"]
    assert sent[1]["columns"] == ["left", "price"]


def test_a_deleted_row_leaves_its_place_to_another(sheet):
    """A tombstone of a row that is not there changes nothing."""
    widget, sent = sheet
    widget.put([("tea", {"left": 3}), ("jam", {"left": 1}), ("tea", None), ("ham", None)])
    until(lambda: sent)
    assert places(sent) == {1: "jam"}
    widget.put([("oil", {"left": 4})])
    until(lambda: places(sent) == {0: "oil", 1: "jam"})
    assert widget.rows == {"jam": {"left": 1}, "oil": {"left": 4}}


def test_of_many_rows_those_are_shown_that_changed_last(sheet):
    """The one touched longest ago makes room; all are counted."""
    widget, sent = sheet
    widget.put([(key, {"left": n}) for n, key in enumerate(["tea", "jam", "tea", "ham"])])
    until(lambda: sent)
    assert places(sent) == {0: "tea", 1: "ham"}
    assert sent[-1]["total"] == 3


def test_cleared_it_is_empty_and_fills_again(sheet):
    """The page begins anew."""
    widget, sent = sheet
    widget.put([("tea", {"left": 3})])
    until(lambda: sent)
    widget.clear()
    until(lambda: len(sent) == 2)
    assert (sent[1]["all"], sent[1]["total"], places(sent)) == (True, 0, {})
    assert sent[1]["columns"] == ["left"]
    widget.put([("jam", {"sold": 1})])
    until(lambda: places(sent) == {0: "jam"})
    assert sent[-1]["columns"] == ["sold"]
    assert sent[-1]["places"][0]["cells"] == ["1"]


def test_columns_that_were_asked_for_stay():
    """Whatever the rows have."""
    with Sheet("Stock", key="good", alt="What is left", columns=["left"]) as sheet:
        for row in ({"sold": 1, "left": 2}, {"sold": 3}):
            sheet.put([("tea", row)])
            assert sheet._columns == ["left"]
            sheet.clear()


def test_a_page_that_opens_late_gets_all_and_nothing_is_lit(sheet):
    """Nothing of it has just changed."""
    widget, sent = sheet
    widget.put([("tea", {"left": 3})])
    widget.add_events(["sold tea", "sold jam"])
    until(lambda: sent)
    widget._asked(widget, {"type": "all?"}, [])
    assert sent[-1]["all"]
    assert sent[-1]["places"][0] == {"place": 0, "key": "tea", "cells": ["3"], "lit": []}
    assert sent[-1]["lists"] == {
        "stream": ["sold tea", "sold jam"],
        "changelog": ["tea  left 3"],
    }


def test_the_still_is_a_table_with_nothing_that_could_be_markup(sheet):
    """It says how many rows there are."""
    widget, _ = sheet
    widget.put([("<b>", {"left": 1234}), ("tea", {"left": None})])
    data, _ = widget._still()
    assert "&lt;b&gt;</td><td>1,234</td>" in data["text/html"]
    assert "Stock: 2 of 2 rows" in data["text/html"]
    assert data["text/plain"] == "Sheet"


def test_of_a_table_without_end_only_so_many_rows_are_held():
    """The count says that there are more, and those that are shown are among them."""
    with Sheet("Stock", key="good", alt="What is left", most=2, keep=5) as small:
        small.put((f"k{number}", {"left": number}) for number in range(1000))
        assert len(small.rows) == 5
        assert small._still()[0]["text/html"].count("k999") == 1
        assert "2 of at least 5 rows" in small._still()[0]["text/html"]


@pytest.mark.parametrize("most", [0, -1, 10**30])
def test_a_number_of_places_that_cannot_be_is_refused(most):
    """A page can show some, and not all that there may be."""
    with pytest.raises(UsageError, match="argument most"):
        Sheet("Stock", key="good", alt="What is left", most=most)


def test_truth_values_are_no_numbers():
    """They are shown as words, and becoming a number is a change."""
    sheet = Sheet("Rows", key="key", alt="Rows")
    sheet.put([("a", {"x": True})])
    assert sheet._place(0, False)["cells"] == ["True"]
    sheet._changed.clear()
    sheet.put([("a", {"x": 1})])
    assert sheet._place(0, False)["lit"] == [True]


NAMES = {"t": "Tea", "j": "Jam"}


@pytest.fixture
def named(monkeypatch):
    """A sheet with a place for each name and a slider, and what it sends."""
    sent = []
    monkeypatch.setattr(Sheet, "send", lambda self, message: sent.append(message))
    sheet = Sheet("Stock", key="good", alt="What is left", most=2, names=NAMES, slides=True)
    return sheet, sent


def test_a_named_row_comes_back_in_its_own_place(named):
    """Under its name, which the changelog has too, with the number of the record."""
    sheet, sent = named
    sheet.put([("j", {"left": 1}), ("t", {"left": 3}), ("j", None), ("j", {"left": 5})])
    sheet._send_fresh()
    assert places(sent) == {0: "Tea", 1: "Jam"}
    assert sent[-1]["lists"]["changelog"][0] == "0  Jam  left 1"
    assert sent[-1]["lists"]["changelog"][2] == "2  Jam  (tombstone)"
    assert (sent[-1]["at"], sent[-1]["changes"]) == (4, 4)


def test_the_slider_shows_the_table_as_it_was_and_follows_again_at_its_end(named):
    """What comes meanwhile waits; what differs is lit."""
    sheet, sent = named
    sheet.put([("t", {"left": 3}), ("j", {"left": 1}), ("t", {"left": 2})])
    sheet._send_fresh()
    sheet._asked(sheet, {"type": "at", "number": 1}, [])
    assert sheet.rows == {"t": {"left": 3}}
    sheet.put([("t", {"left": 9})])
    sheet._send_fresh()
    assert (sheet.at, sent[-1]["at"], sent[-1]["changes"]) == (1, 1, 4)
    assert sent[-1]["lists"]["changelog"] == ["0  Tea  left 3"]
    sheet.show_at(4)
    assert sheet.at is None
    assert sheet.rows == {"t": {"left": 9}, "j": {"left": 1}}
    sheet.put([("j", None)])
    assert sheet.rows == {"t": {"left": 9}}


@pytest.mark.parametrize("number", [0, -3])
def test_before_the_first_record_the_table_is_empty(named, number):
    """A number below is none."""
    sheet, _ = named
    sheet.put([("t", {"left": 3})])
    sheet.show_at(number)
    assert (sheet.rows, sheet.at) == ({}, 0)


def test_cleared_the_slider_goes_as_far_as_what_will_come_again(named):
    """It begins at its left end."""
    sheet, sent = named
    sheet.put([("t", {"left": 3}), ("t", {"left": 4})])
    sheet.clear(expected=2)
    sheet._send_fresh()
    assert (sent[-1]["at"], sent[-1]["changes"]) == (0, 2)


def test_cleared_the_table_is_empty_and_its_changelog_may_stay(named):
    """Its last lines, wherever the slider stood, until the first change comes again."""
    sheet, sent = named
    changes = [("t", {"left": number}) for number in range(8)]
    sheet.put(changes)
    sheet.show_at(1)
    for _ in range(2):
        sheet.clear(expected=8, keeps_changelog=True)
        sheet._send_fresh()
        assert places(sent) == {}
        assert (sent[-1]["at"], sent[-1]["changes"]) == (0, 8)
        assert sent[-1]["lists"]["changelog"][0::5] == ["2  Tea  left 2", "7  Tea  left 7"]
    sheet.put(changes[:1])
    assert sheet._lines()["changelog"] == ["0  Tea  left 0"]
    sheet.clear()
    assert sheet._lines()["changelog"] == []


def test_wrong_cells_are_marked_with_what_is_right(named):
    """Until they are not wrong any more; the still says it too."""
    sheet, sent = named
    sheet.put([("t", {"left": 3})])
    sheet.mark({"t": {"left": 4}})
    sheet._send_fresh()
    assert sent[-1]["places"][0]["right"] == ["4"]
    assert "3, not 4" in sheet._still()[0]["text/html"]
    sheet.mark({})
    sheet._send_fresh()
    assert "right" not in sent[-1]["places"][0]


def test_of_a_changelog_without_end_the_past_is_forgotten_and_so_is_the_slider():
    """Its rows stay."""
    sheet = Sheet("Stock", key="good", alt="What is left", most=2, keep=10, slides=True)
    sheet.put((f"k{number % 2}", {"left": number}) for number in range(50))
    assert not sheet.slides
    assert sheet.rows == {"k0": {"left": 48}, "k1": {"left": 49}}


def test_a_newer_row_that_is_right_bears_no_mark(sheet):
    """It came after the marks were made, and they are made again only at the next look."""
    widget, sent = sheet
    widget.put([("tea", {"left": 3, "sold": 1})])
    widget.mark({"tea": {"left": 2}})
    until(lambda: sent and sent[-1]["places"][0].get("right") == ["2", None])
    widget.put([("tea", {"left": 2, "sold": 2})])
    until(lambda: sent[-1]["places"][0]["cells"] == ["2", "2"])
    assert "right" not in sent[-1]["places"][0]
    assert "not 2" not in widget._still()[0]["text/html"]
