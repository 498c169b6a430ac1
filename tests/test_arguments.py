"""Arguments of a call, held to what they may be."""

from datetime import UTC, datetime, timedelta, timezone

import numpy
import pandas
import pytest

from eventlab.arguments import (
    is_missing,
    is_moment,
    is_whole_number,
    required_duration,
    required_items,
    required_moment,
    required_name,
    required_number,
    required_one_of,
    required_positive_number,
    required_probability,
    required_seed,
    required_whole_number,
)
from eventlab.errors import UsageError

NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)
IN_NEW_YORK = datetime(2025, 3, 3, 7, tzinfo=timezone(timedelta(hours=-5)))
NO_ZONE = datetime(2025, 3, 3, 12)
NOTHING = timedelta(0)
HOUR = timedelta(hours=1)
JOINS = ["inner", "left"]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (required_whole_number("places", 3, at_least=3), 3),
        (required_whole_number("places", 5, at_least=3, at_most=5), 5),
        (required_seed(numpy.int64(7)), 7),
        (required_number("speed", 0, at_least=0), 0.0),
        (required_number("share", 1, at_least=0, at_most=1), 1.0),
        (required_positive_number("rate", 5, at_most=5), 5.0),
        (required_positive_number("rate", numpy.float32(0.5)), 0.5),
        (required_probability(0), 0.0),
        (required_probability(numpy.float64(1)), 1.0),
        (required_duration("delay", HOUR, at_most=HOUR), HOUR),
        (required_duration("grace", NOTHING, at_least=NOTHING), NOTHING),
        (required_moment("start", NOON, at_least=NOON), NOON),
        (required_moment("start", IN_NEW_YORK, at_least=NOON), NOON),
        (required_one_of("how", "left", JOINS), "left"),
        (required_items("events", JOINS, example="[event]"), JOINS),
        (required_name("group", "a" * 200, example='"copies"'), "a" * 200),
    ],
)
def test_what_is_right_passes(found, expected):
    """The bounds themselves and numpy's own numbers are taken, as Python's plain types."""
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("call", "expected", "remedy"),
    [
        (
            lambda: required_whole_number("places", 2, at_least=3),
            "a whole number, 3 or more",
            "places=3",
        ),
        (
            lambda: required_whole_number("places", True, at_least=0, at_most=2_000),
            "a whole number, 0 or more, 2,000 at most",
            "places=1",
        ),
        (
            lambda: required_whole_number("places", 2_001, at_least=0, at_most=2_000),
            "a whole number, 0 or more, 2,000 at most",
            "places=1",
        ),
        (lambda: required_seed(-1), "a whole number, 0 or more", "seed=1"),
        (
            lambda: required_number("speed", float("inf"), at_least=0),
            "a number, 0 or more",
            "speed=1",
        ),
        (lambda: required_number("speed", "2", at_least=0), "a number, 0 or more", "speed=1"),
        (
            lambda: required_number("share", 1.5, at_least=0, at_most=1),
            "a number, 0 or more, 1 at most",
            "share=1",
        ),
        (
            lambda: required_positive_number("rate", 5.1, at_most=5),
            "a number above 0, 5 at most",
            "rate=1",
        ),
        (lambda: required_positive_number("rate", 0), "a number above 0", "rate=1"),
        (
            lambda: required_positive_number("rate", float("nan")),
            "a number above 0",
            "rate=1",
        ),
        (
            lambda: required_probability(float("nan")),
            "a number from 0 to 1",
            "probability=0.1",
        ),
        (lambda: required_probability(True), "a number from 0 to 1", "probability=0.1"),
        (
            lambda: required_duration("delay", NOTHING),
            "a timedelta, 1 ms or more",
            "delay=timedelta(seconds=10)",
        ),
        (
            lambda: required_duration("delay", 5, at_least=NOTHING, at_most=HOUR),
            "a timedelta, 0 or more, 1 h at most",
            "delay=timedelta(seconds=10)",
        ),
        (
            lambda: required_duration("delay", timedelta.max, at_most=HOUR),
            "a timedelta, 1 ms or more, 1 h at most",
            "delay=timedelta(seconds=10)",
        ),
        (
            lambda: required_moment("since", NO_ZONE),
            "a datetime with its time zone",
            "since=datetime(2026, 1, 31, tzinfo=UTC)",
        ),
        (
            lambda: required_moment("since", NOON - HOUR, at_least=NOON),
            "a datetime with its time zone, 2025-03-03 or later",
            "since=datetime(2026, 1, 31, tzinfo=UTC)",
        ),
        (lambda: required_one_of("how", "up", JOINS), "'inner' or 'left'", "how='inner'"),
        (lambda: required_one_of("how", ["left"], JOINS), "'inner' or 'left'", "how='inner'"),
        (
            lambda: required_items("events", "one", example="[event]"),
            "a list, a generator or the like",
            "events=[event]",
        ),
        (
            lambda: required_items("events", {"a": 1}, example="[event]"),
            "a list, a generator or the like",
            "events=[event]",
        ),
        *(
            (
                lambda name=name: required_name("group", name, example='"copies"'),
                "1 to 200 letters that can be read",
                'group="copies"',
            )
            for name in ["", " ", "a\n", "a" * 201]
        ),
    ],
)
def test_what_is_wrong_is_one_clear_error(call, expected, remedy):
    """Just beyond each bound the error says what was expected, what was found and what to do."""
    with pytest.raises(UsageError) as caught:
        call()
    assert caught.value.expected == expected
    assert caught.value.remedy == f"Pass for example {remedy}."


def test_the_error_names_the_argument_and_what_was_found():
    """In one sentence, shortened where what was found is long."""
    with pytest.raises(
        UsageError, match=r"The argument seed is not valid: .* found 'xxx"
    ) as caught:
        required_seed("x" * 1_000)
    assert len(caught.value.found) == 60


@pytest.mark.parametrize(
    ("found", "answer"), [(NOON, True), (IN_NEW_YORK, True), (NO_ZONE, False), ("12:00", False)]
)
def test_a_moment_knows_its_time_zone(found, answer):
    """Anything else is none."""
    assert is_moment(found) is answer


@pytest.mark.parametrize(
    ("found", "answer"), [(0, True), (numpy.int8(3), True), (True, False), (1.0, False)]
)
def test_a_whole_number_is_no_truth_value(found, answer):
    """Nor a float, however round it is."""
    assert is_whole_number(found) is answer


@pytest.mark.parametrize(
    ("found", "answer"),
    [
        (None, True),
        (float("nan"), True),
        (numpy.float32("nan"), True),
        (numpy.datetime64("NaT"), True),
        (pandas.NaT, True),
        (pandas.NA, True),
        (0, False),
        ("", False),
        ("nan", False),
        (False, False),
        (numpy.array([1.0]), False),
        ([], False),
    ],
)
def test_what_is_missing_is_told_from_what_is_there(found, answer):
    """However Python, NumPy and pandas write it."""
    assert is_missing(found) is answer
