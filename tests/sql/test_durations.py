import pytest

from eventlab.sql.durations import UNITS, milliseconds_of


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("7 MILLISECONDS", 7),
        ("3 seconds", 3_000),
        ("1 Minute", 60_000),
        ("2 HOUR", 7_200_000),
        ("1 DAY", 86_400_000),
        ("2 DAYS", 2 * 86_400_000),
    ],
)
def test_a_number_and_a_unit_are_milliseconds(text, milliseconds):
    assert milliseconds_of(text) == milliseconds


@pytest.mark.parametrize(
    "text",
    [
        *("", "5", "DAYS", "1 MONTH", "0 parsecs", "five days", "-1 DAY", "1 DAY 2"),
        *("999999999 DAYS", f"{'9' * 5000} DAYS"),
    ],
)
def test_anything_else_is_no_duration(text):
    assert milliseconds_of(text) is None


def test_units_are_known_in_the_singular_and_in_the_plural():
    """Every unit is a number of milliseconds."""
    assert UNITS["DAY"] == UNITS["DAYS"] == 24 * UNITS["HOUR"]
    assert UNITS["MINUTES"] == 60 * UNITS["SECOND"] == 60_000 * UNITS["MILLISECONDS"]
    assert len(UNITS) == 10
