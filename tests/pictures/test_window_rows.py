"""Events and windows as the rows of their chart."""

import pytest

from eventlab.pictures.window_rows import (
    Bar,
    Dot,
    bar_rows,
    delay,
    dot_row,
    names,
    note_rows,
    offer_rows,
)
from eventlab.pictures.window_tally import Offer, Seen
from eventlab.pictures.windows_chart import (
    CHOSEN,
    CLOSED,
    LATE,
    MISSING,
    NOTE,
    OFFER,
    ON_TIME,
    OPEN,
    SHUT,
    TOO_LATE,
)

MINUTE = 60_000
PLACE = (0, 60 * MINUTE)


def dot(needs, behind):
    return Dot("0-1", 5, 9, Seen(PLACE, needs, behind, False), "B6 12")


@pytest.mark.parametrize(
    ("needs", "behind", "what"),
    [
        (-5, 0, ON_TIME),
        (-5, 3, LATE),
        (9 * MINUTE, 3, LATE),
        (10 * MINUTE, 3, TOO_LATE),
        (12 * MINUTE, 3, TOO_LATE),
    ],
)
def test_a_dot_is_on_time_or_late_or_missing(needs, behind, what):
    """With the grace that is shown."""
    assert dot_row(dot(needs, behind), 10 * MINUTE, None).what == what


def test_a_missing_dot_says_why():
    """As the flow said it, or else by how much."""
    assert dot_row(dot(12 * MINUTE, 1), 0, "it rained").words == "B6 12: it rained"
    assert "12 min too late" in dot_row(dot(12 * MINUTE, 1), 0, None).words
    assert "just too late" in dot_row(dot(0, 1), 0, None).words


def test_what_is_missing_stands_on_top_of_what_is_counted():
    """And a closed window has its shade from when it was closed."""
    whole, gone, shut = bar_rows(Bar(PLACE, 40, 3, is_closed=True, closed_when=7.0))
    assert (whole.what, whole.low, whole.value) == (CLOSED, 0, 40)
    assert (gone.what, gone.low, gone.value) == (MISSING, 40, 43)
    assert (shut.what, shut.arrived) == (SHUT, 7.0)
    assert "40 counted, 3 missing" in whole.words
    assert [whole.id, gone.id, shut.id] == list(names(PLACE))


def test_an_open_window_has_no_shade():
    """Its row is there, and nothing draws it."""
    whole, _, shut = bar_rows(Bar(PLACE, 40, 0, is_closed=False, closed_when=None))
    assert whole.what == OPEN
    assert shut.what == ""


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (None, "not yet"),
        (90, "1 h 30 min after"),
        (64.5, "1 h 4 min after"),
        (0.5, "30 s after"),
        (56, "56 min after"),
        (-5, "5 min before"),
    ],
)
def test_a_delay_is_after_the_window_or_before_its_end(minutes, words):
    """Early departures close it early."""
    assert delay(Offer(0, 1, 1, minutes)) == words


def test_what_a_grace_gives_is_said_and_drawn():
    """The chosen one among all; one whose results never came is not drawn."""
    offers = [Offer(0, 3, 1, 5.0), Offer(MINUTE, 4, 0, None)]
    notes = list(note_rows(offers[0], has_delay=True, has_closed=True))
    assert [note.what for note in notes] == [NOTE] * 3
    assert notes[0].words == "counted 75.00%, missing 1"
    assert notes[1].words == "result 5 min after the end"
    assert len(list(note_rows(offers[0], has_delay=False, has_closed=False))) == 1
    assert [row.what for row in offer_rows(offers, offers[0])] == [OFFER, "", CHOSEN]


def test_a_share_that_is_not_reached_is_not_said():
    """Of 1,681 flights nine are missing: that is less than 99.5 %."""
    offer = Offer(0, 1672, 9, 5.0)
    assert next(note_rows(offer, has_delay=True, has_closed=True)).words == (
        "counted 99.46%, missing 9"
    )
    assert [row.words for row in offer_rows([offer], offer)] == ["grace 0 s: 99.46%"] * 2


def test_a_result_that_is_not_there_yet_has_no_end():
    """While every window is open."""
    _, note = note_rows(Offer(0, 1, 1, None), has_delay=True, has_closed=False)
    assert note.words == "result not yet"
