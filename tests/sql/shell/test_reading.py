import pytest

from eventlab.sql.shell.reading import is_whole, with_caret


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT 1;", True),
        ("SELECT 1;  \n", True),
        ("SELECT 1; -- and more", True),
        ("SELECT 1", False),
        ("SELECT ';", False),
        ("SELECT ';'", False),
        ("SELECT 'it''s';", True),
        ("SELECT `;`", False),
        ("SELECT 1 /* ;", False),
        ("SELECT 1 /* ; */", False),
        ("-- nothing;", False),
        ("", False),
    ],
)
def test_a_text_is_whole_where_a_statement_ends(text, expected):
    """A semicolon within a text, a name or a comment ends nothing."""
    assert is_whole(text) is expected


def test_a_caret_stands_under_the_place():
    """Under its own line alone; where there is no place, nothing is shown."""
    assert with_caret("SELECT a\nFROM b", (2, 6)) == "  FROM b\n       ^"
    assert with_caret("SELECT a", (5, 1)) == ""
    assert with_caret("SELECT a", None) == ""
