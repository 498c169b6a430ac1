"""What records say of windows and arrivals."""

import pytest

from eventlab.errors import UsageError
from eventlab.pictures.window_records import arrival_milliseconds, is_window, other_record


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"start": 0, "end": 1, "value": 3}, True),
        ({"start": 0, "end": 1, "value": None}, True),
        ({"start": 0, "end": 1, "value": True}, False),
        ({"start": 0, "end": 9e30, "value": 1}, False),
        ({"start": 0, "end": 10**30, "value": 1}, False),
        ({"value": 1}, False),
    ],
)
def test_a_window_has_two_moments_and_a_number(row, expected):
    """Or nothing in place of the number, where it was taken back."""
    assert is_window(row) is expected


def test_an_arrival_is_a_moment_as_text():
    """With its zone."""
    assert arrival_milliseconds("came", {"came": "1970-01-01T00:01:00Z"}) == 60_000


@pytest.mark.parametrize("fields", [{}, {"came": 5}, {"came": "soon"}])
def test_a_field_that_says_no_moment_is_an_error(fields):
    """One clear one."""
    with pytest.raises(UsageError, match="does not say when it came"):
        arrival_milliseconds("came", fields)


def test_what_is_something_else_is_named_with_its_place():
    """Its fields too."""
    error = other_record(None, "windows", {"n": 1, "partition": 2, "offset": 5})
    assert "n at partition 2, offset 5" in str(error)
