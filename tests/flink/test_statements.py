"""One statement from the next."""

import pytest

from eventlab.flink.statements import split


@pytest.mark.parametrize(
    ("text", "statements"),
    [
        ("", []),
        (" ;\n; ", []),
        ("-- only this;\n/* and; this */", []),
        ("SELECT 1", ["SELECT 1"]),
        ("SELECT 1;\nSELECT 2;", ["SELECT 1", "SELECT 2"]),
        ("SELECT 'a;b', 'it''s;' ; SELECT `c;d`", ["SELECT 'a;b', 'it''s;'", "SELECT `c;d`"]),
        ("SELECT 1 -- one; two\n; SELECT 2", ["SELECT 1 -- one; two", "SELECT 2"]),
        ("SELECT /* one;\ntwo */ 1;", ["SELECT /* one;\ntwo */ 1"]),
        ("SELECT 'open; SELECT 2", ["SELECT 'open", "SELECT 2"]),
    ],
)
def test_a_semicolon_ends_a_statement(text, statements):
    """Not in a text, a name or a comment; what says nothing is no statement."""
    assert split(text) == statements


def test_a_set_of_statements_is_one():
    """Flink takes it whole, to its END."""
    together = "EXECUTE STATEMENT SET BEGIN\nINSERT INTO a SELECT 1;\nINSERT INTO b SELECT 2;\nEND"
    assert split(f"USE x; {together}; SHOW TABLES;") == ["USE x", together, "SHOW TABLES"]
