import pytest

from eventlab.sql.functions.time_units import nanoseconds, whole_milliseconds


@pytest.mark.parametrize("unit", ["HOURS", "hour", "Hours"])
def test_a_unit_is_one_or_several(unit):
    """In capitals or not."""
    assert nanoseconds(unit, 2) == 7_200_000_000_000


def test_what_is_shorter_than_a_millisecond_is_cut_off():
    """Towards none, before and after."""
    lengths = [whole_milliseconds("MICROSECONDS", number) for number in (1999, -1999, 7)]
    assert lengths == [1, -1, 0]


def test_a_word_that_is_no_unit_is_refused():
    """A month has no length."""
    with pytest.raises(ValueError, match=r"MONTHS.*DAYS"):
        nanoseconds("MONTHS", 1)
