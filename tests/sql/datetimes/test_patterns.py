import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.sql.datetimes.patterns import Letters, Optional, parts_of


def test_a_pattern_has_parts():
    """Runs of one letter, signs, quoted text and what may be missing."""
    assert parts_of("yyyy-M'at'[ HH]") == (
        Letters("y", 4),
        "-",
        Letters("M", 1),
        "at",
        Optional((" ", Letters("H", 2))),
    )


def test_two_quotes_are_one():
    """Within quoted text and outside."""
    assert parts_of("h''m") == (Letters("h", 1), "'", Letters("m", 1))
    assert parts_of("h' o''clock'") == (Letters("h", 1), " o'clock")


def test_brackets_that_are_open_close_at_the_end():
    """As Java's do."""
    assert parts_of("H[:mm[:ss") == parts_of("H[:mm[:ss]]")


@pytest.mark.parametrize("pattern", ["yyyy-bb", "'open", "H]", "{H}", "[" * 30, "y" * 20])
def test_what_is_no_pattern_is_refused(pattern):
    """Never read as something else."""
    with pytest.raises(ValueError, match="The pattern"):
        parts_of(pattern)


@given(st.text(alphabet="yMdHmsSXVz'[]{}#-: bé", max_size=40))
def test_any_text_is_a_pattern_or_refused(pattern):
    """No other error, whatever is written."""
    with contextlib.suppress(ValueError):
        assert isinstance(parts_of(pattern), tuple)
