import json
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import UsageError
from eventlab.pictures.bench.scenario import KINDS, Event, Scenario
from tests.pictures.bench.cases import NOON, ONE_LATE, SECOND, event, scenario, scenarios


@given(st.sampled_from(KINDS).flatmap(scenarios))
def test_what_is_written_as_json_is_read_back(made):
    """Every scenario survives the way to a file and back."""
    assert Scenario.from_json(made.to_json()) == made


def test_the_json_can_be_read_and_written_by_hand():
    """Moments and lengths are ISO 8601, and what is left out has its default."""
    text = '{"events": [{"id": "x", "time": "2025-03-03T13:00:10+01:00"}], "length": "PT90S"}'
    read = Scenario.from_json(text)
    assert (read.events[0].milliseconds, read.length) == (event(0, 10).milliseconds, 90 * SECOND)
    assert json.loads(ONE_LATE.to_json())["events"][0]["time"] == "2025-03-03T12:00:10Z"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "truncated"),
        ("[]", "Expected `object`"),
        ("{}", "missing required field `events`"),
        ('{"events": [], "windows": 3}', "unknown field `windows`"),
        ('{"events": [{"id": "1", "time": "noon"}]}', r"events\[0\].time"),
        ('{"events": [{"id": "1", "time": "2025-03-03T12:00:00"}]}', "timezone"),
        ('{"events": [{"id": "1", "time": "2025-03-03T12:00:00Z"}], "kind": "x"}', "kind"),
        ('{"events": [{"id": "1", "time": "2025-03-03T12:00:00Z"}], "grace": 5}', "grace"),
        ('{"events": []}', "1 to 200, found 0"),
    ],
)
def test_bad_json_is_one_clear_error(text, words):
    """It says what is wrong, and where."""
    with pytest.raises(UsageError, match=words):
        Scenario.from_json(text)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"kind": "hourly"}, "No such kind"),
        ({"measure": "median"}, "No such measure"),
        ({"length": timedelta(0)}, "The length cannot be that"),
        ({"gap": 5}, "The gap cannot be that"),
        ({"grace": -SECOND}, "The grace cannot be that"),
        ({"kind": "hopping", "length": SECOND, "hop": 2 * SECOND}, "between two windows"),
        ({"kind": "hopping", "length": 60 * SECOND, "hop": SECOND}, "So many windows overlap"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, words):
    """The error names the setting."""
    with pytest.raises(UsageError, match=words):
        scenario(0, **settings)


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ((), "1 to 200, found 0"),
        (tuple(event(n, n) for n in range(201)), r"head\(200\)"),
        ((event(1, 0), event(1, 5)), "the same id: expected .*, found '1'"),
        ((event(1, 0, key=7),), "words for its id and its key"),
        ((Event("1", datetime(2025, 3, 3)),), "'1' has no time that can be drawn"),
        ((event(1, 0, side="middle"),), "No such side"),
        ([event(1, 0)], "a tuple of events"),
    ],
)
def test_events_that_cannot_lie_on_the_bench_are_refused(events, words):
    """Too many, two of one name, without a zone."""
    with pytest.raises(UsageError, match=words):
        Scenario(events)


def test_an_event_moves_in_time_and_among_arrivals():
    """The others keep their order; beyond the ends is the end."""
    moved = ONE_LATE.moved("4", time=NOON, place=0)
    assert [one.id for one in moved.events] == ["4", "1", "2", "3", "5"]
    assert moved.events[0].time == NOON
    assert [one.id for one in ONE_LATE.moved("1", place=99).events] == ["2", "3", "4", "5", "1"]
    assert ONE_LATE.moved("2", place=1) == ONE_LATE


def test_an_event_that_is_not_there_cannot_move():
    """The error tells which there are."""
    with pytest.raises(UsageError, match="one of 1, 2, 3"):
        ONE_LATE.moved("9", place=0)
