from datetime import UTC, datetime, timedelta

import numpy
import pytest

from eventlab.errors import UsageError
from eventlab.events.arguments import (
    positive_duration,
    positive_number,
    probability_number,
    seed_number,
    utc_moment,
    whole_number,
)

NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (whole_number("places", 3, at_least=3), 3),
        (seed_number(numpy.int64(7)), 7),
        (positive_number("rate", 5, at_most=5), 5.0),
        (probability_number(0), 0.0),
        (probability_number(numpy.float64(1)), 1.0),
        (positive_duration("delay", HOUR), HOUR),
        (utc_moment("start", NOON), NOON),
    ],
)
def test_what_is_right_passes(found, expected):
    """The bounds themselves and numpy's own numbers are taken, as Python's plain types."""
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    "call",
    [
        lambda: whole_number("places", 2, at_least=3),
        lambda: whole_number("places", True, at_least=0),
        lambda: positive_number("rate", 5.1, at_most=5),
        lambda: positive_number("rate", float("nan"), at_most=5),
        lambda: probability_number(float("nan")),
        lambda: positive_duration("delay", timedelta(0)),
        lambda: positive_duration("delay", timedelta.max),
        lambda: utc_moment("start", datetime(1969, 12, 31, tzinfo=UTC)),
        lambda: utc_moment("start", NOON.replace(tzinfo=None)),
    ],
)
def test_what_is_wrong_is_one_clear_error(call):
    """Just beyond each bound the error says what was expected, what was found and what to do."""
    with pytest.raises(UsageError, match=r"expected .*, found .*\. Call it again"):
        call()
