"""Words in lines that a box has room for."""

import pytest

from eventlab.pictures.plan_lines import fitted


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ("by COUNTRY", ["by COUNTRY"]),
        ("SUM(AMOUNT_CENTS)", ["SUM(AMOUNT_CENTS)"]),
        ("AMOUNT_CENTS > 1000 AND COUNTRY = 'AT'", ["AMOUNT_CENTS > 1000", "AND COUNTRY = 'AT'"]),
        ("ORDERS.DELIVERY_ADDRESS_STREET", ["ORDERS.DELIVERY_", "ADDRESS_STREET"]),
        ("W" * 20, ["W" * 12, "W" * 8]),
        ("", [""]),
    ],
)
def test_words_are_parted_where_there_is_no_more_room(words, lines):
    """Between them; a long one at its joints, or anywhere."""
    assert fitted(words) == lines


def test_bold_words_take_more_room():
    """A title has fewer letters in a line."""
    assert fitted("PER_CATEGORY_ALL") == ["PER_CATEGORY_ALL"]
    assert fitted("PER_CATEGORY_ALL", is_title=True) == ["PER_CATEGORY_", "ALL"]


def test_what_is_longer_than_five_lines_says_that_there_is_more():
    """The plan's words, and the statement, have all of it."""
    lines = fitted(" ".join(["AMOUNT_CENTS"] * 9))
    assert len(lines) == 5
    assert lines[-1] == "…"
