"""The tokens of a statement, read as the planner has them."""

from eventlab.sql.grammar.lexing import Source, split
from eventlab.sql.grammar.reading import Reader
from tests.sql.statements import said


def reader(text: str) -> Reader:
    """Return a reader of one statement."""
    source = Source(text)
    (statement,) = split(source)
    return Reader(statement.tokens, source.position)


def test_a_condition_is_an_expression_and_no_value():
    """Values end before AND and before a comparison."""
    assert said(reader("a AND b").read_expression()) == "(A AND B)"
    values = reader("a + 1 AND b")
    assert said(values.read_value()) == "(A + 1)"
    assert values.at("AND", "B")


def test_expressions_are_read_one_after_the_other():
    """Each leaves the reader behind itself."""
    both = reader("a -> b, c")
    assert [said(one) for one in both.series(both.read_expression)] == ["A->B", "C"]
    both.finish()
