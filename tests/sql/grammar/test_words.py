"""Words that the language keeps for itself, and what names look like."""

import pytest

from eventlab.sql.grammar.words import INSTEAD, NAME, NUMBER, RESERVED


@pytest.mark.parametrize("text", ["a", "_x1", "a@b", "1r", "1_", "0x1F"])
def test_names_need_no_quotes(text):
    """Letters, digits, `_` and `@`; more than digits where a digit comes first."""
    assert NAME.fullmatch(text)


@pytest.mark.parametrize("text", ["é", "a-b", "12", "@a", ""])
def test_other_names_need_quotes(text):
    """What else there is in the world is no name without backticks."""
    assert NAME.fullmatch(text) is None


@pytest.mark.parametrize("text", ["1", "-1", "1.", ".5", "1e3", "1.5E-3"])
def test_numbers_are_of_three_kinds(text):
    """Whole, with a point, with an exponent."""
    assert NUMBER.fullmatch(text)


def test_the_words_of_clauses_cannot_be_names():
    """Clauses begin with reserved words; those of columns and types are free."""
    assert {"SELECT", "FROM", "WINDOW", "WITHIN", "LIMIT", "SIZE"} <= RESERVED
    assert not {"KEY", "EMIT", "GRACE", "STRING", "MAP"} & RESERVED


def test_what_other_dialects_say_has_a_sentence():
    """Each of them ends in a full stop."""
    assert all(sentence.endswith(".") for sentence in INSTEAD.values())
