import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.sql.datetimes.parsing import fields_of


@pytest.mark.parametrize(
    ("text", "pattern", "fields"),
    [
        ("20230109", "yyyyMMdd", {"year": 2023, "month": 1, "day": 9}),
        ("7/03/99", "d/MM/yy", {"day": 7, "month": 3, "year": 2099}),
        ("Tue MAY 2", "EEE MMM d", {"weekday": 2, "month": 5, "day": 2}),
        ("9 pm", "h a", {"hour of half from 1": 9, "half": 1}),
        ("12.5", "s.S", {"second": 12, "nano": 500_000_000}),
        ("10:20", "HH:mm[:ss]", {"hour": 10, "minute": 20}),
        ("1 PST", "H z", {"hour": 1, "zone": "America/Los_Angeles"}),
        ("1+0230", "HX", {"hour": 1, "offset": "+02:30"}),
        ("1z", "HX", {"hour": 1, "offset": "Z"}),
        ("Q3 1 Monday", "QQQ e EEEE", None),
        ("1 Sunday", "e EEEE", {"weekday": 7}),
        ("3rd quarter AD", "QQQQ G", {"quarter": 3, "era": 1}),
        ("GMT+2", "O", {"offset": "+02:00"}),
        ("1500", "A", {"nano of day": 1_500_000_000}),
        ("+12345-1", "yyyy-M", {"year": 12345, "month": 1}),
    ],
)
def test_a_text_says_fields(text, pattern, fields):
    """In capitals or not; two letters for one field must agree."""
    if fields is None:
        with pytest.raises(ValueError, match="two things"):
            fields_of(text, pattern)
    else:
        assert fields_of(text, pattern) == fields


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("2023-1-09", "yyyy-MM-dd"),
        ("12023-01-01", "yyyy-MM-dd"),
        ("2023-01-01 ", "yyyy-MM-dd"),
        ("Foo", "MMM"),
        ("M", "MMMMM"),
        ("٢٣", "HH"),
        ("+2", "X"),
        ("anything", "B"),
        ("anything", "XXXXXX"),
    ],
)
def test_another_text_is_refused(text, pattern):
    """Digits and widths count, and a letter that cannot be read."""
    with pytest.raises(ValueError):  # noqa: PT011
        fields_of(text, pattern)


@given(st.text(max_size=20), st.text(alphabet="yMdHhamsSXVzEQe-: ", max_size=12))
def test_any_text_is_read_or_refused(text, pattern):
    """No other error, whatever the text and the pattern are."""
    with contextlib.suppress(ValueError):
        assert isinstance(fields_of(text, pattern), dict)
