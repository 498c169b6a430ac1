from datetime import UTC, datetime, timedelta

import pytest

from eventlab.streams import Late, Window
from eventlab.streams.results import joined, length_words
from tests.streams.histories import NOON, arrivals


def test_a_window_s_interval_is_aware():
    """Milliseconds since 1970 are moments in UTC."""
    noon = datetime(2025, 3, 3, 12, tzinfo=UTC)
    assert Window(NOON, NOON + 1000, 1, NOON).interval == (noon, noon + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (0, "0 s"),
        (250, "250 ms"),
        (90_000, "1 min 30 s"),
        (120_000, "2 min"),
        (93_784_005, "1 d 2 h"),
    ],
)
def test_lengths_are_said_in_their_greatest_units(milliseconds, words):
    """Two of them at most."""
    assert length_words(milliseconds) == words


@pytest.mark.parametrize(
    ("seconds", "patience", "words"),
    [
        (90, 0, "its window ended at 2025-03-03 12:00:00; 1 min 30 s too late"),
        (0, 0, "its window ended at 2025-03-03 12:00:00; just too late"),
        (100, 60, "ended at 2025-03-03 12:00:00 and stayed open for 1 min more; 40 s too late"),
    ],
)
def test_why_it_was_not_counted_is_one_sentence(seconds, patience, words):
    """Where stream time stood, when its window ended and how long that waited."""
    _, arrival = arrivals([("a", seconds, 0), ("a", -1, 0)])
    late = Late(arrival, NOON - 1000, NOON, NOON + 1000 * patience)
    assert late.missed_by == timedelta(seconds=seconds - patience)
    assert late.reason.startswith("arrived when stream time stood at 2025-03-03 12:0")
    assert late.reason.endswith(words)


@pytest.mark.parametrize(("sides", "time"), [((0, 5), 5), ((5, None), 5), ((None, 0), 0)])
def test_a_joined_event_has_the_later_time(sides, time):
    """Or that of the one side that is there."""
    both = [None if at is None else arrivals([("a", at, 0)])[0] for at in sides]
    assert joined(*both).time == NOON + 1000 * time
