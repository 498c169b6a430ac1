import pytest

from eventlab.sql.durations import milliseconds_of


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("7 MILLISECONDS", 7),
        ("3 seconds", 3_000),
        ("1 Minute", 60_000),
        ("2 HOUR", 7_200_000),
        ("1 DAY", 86_400_000),
        ("1 WEEK", 7 * 86_400_000),
        ("1 MONTH", 30 * 86_400_000),
        ("1 YEARS", 365 * 86_400_000),
    ],
)
def test_a_number_and_a_unit_are_milliseconds(text, milliseconds):
    assert milliseconds_of(text) == milliseconds


@pytest.mark.parametrize("text", ["", "5", "DAYS", "5 parsecs", "five days", "-1 DAY", "1 DAY 2"])
def test_anything_else_is_no_duration(text):
    assert milliseconds_of(text) is None
