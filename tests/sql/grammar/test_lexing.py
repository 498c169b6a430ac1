"""How a text falls into statements and tokens."""

import pytest
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import TokenType

from eventlab.errors import SqlError
from eventlab.sql.grammar.lexing import KsqlTokenizer, Source, single_tokens, split


def texts(text: str) -> list[str]:
    """Return what the tokens of a text say."""
    return [token.text for statement in split(Source(text)) for token in statement.tokens]


def test_statements_end_at_semicolons():
    """Each has its own text; empty ones are none."""
    statements = split(Source(";; a 'x;y' ;-- c;\n b /* ; */ ;"))
    assert [statement.text for statement in statements] == ["a 'x;y'", "b"]


def test_places_have_lines_and_columns():
    """Both count from 1; the line break belongs to the line it ends."""
    source = Source("ab\nc\n\nd")
    assert [source.position(n) for n in (0, 2, 3, 5, 6)] == [(1, 1), (1, 3), (2, 1), (3, 1), (4, 1)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1R", ["1R"]),
        ("0x1F", ["0x1F"]),
        ("1E", ["1E"]),
        ("1E5x", ["1E5x"]),
        ("1E5", ["1E5"]),
        ("a@b", ["a@b"]),
        ("a->b=>c:=d||e", ["a", "->", "b", "=>", "c", ":=", "d", "||", "e"]),
        ("a<>b!=c<=d", ["a", "<>", "b", "!=", "c", "<=", "d"]),
        ("a--b\nc", ["a", "c"]),
        ("a/*b*/c/**/d", ["a", "c", "d"]),
        ("/*+ a */ b --@ c", ["b"]),
        ("--@test: x\nb", ["b"]),
        ("'a''b'", ["a'b"]),
        ('`a``b` "c""d"', ["a`b", 'c"d']),
        ("'a\\'", ["a\\"]),
        ("a[1].b", ["a", "[", "1", "]", ".", "b"]),
    ],
)
def test_tokens_are_those_of_ksqldb(text, expected):
    """Names may begin with a digit, comments are nothing, doubled quotes are one."""
    assert texts(text) == expected


def test_words_are_no_keywords_of_other_dialects():
    """SHOW, EXPLAIN and the like swallow nothing of what follows."""
    assert texts("SHOW a; EXPLAIN b c; CALL 'd'") == ["SHOW", "a", "EXPLAIN", "b", "c", "CALL", "d"]


@pytest.mark.parametrize(
    ("text", "column", "what"),
    [("a 'b", 3, "text"), ("a `b", 3, "name"), ('"b', 1, "name"), ("a /* b -- */ /*", 14, "comm")],
)
def test_what_is_opened_and_not_closed_is_refused_where_it_begins(text, column, what):
    """A comment without an end would hide all that follows."""
    with pytest.raises(SqlError) as caught:
        list(split(Source(text)))
    assert caught.value.position == (1, column)
    assert what in caught.value.summary.lower()


@pytest.mark.parametrize(
    "text", ["é", "a ? b", "#a", "{a}", "{{ a }}", "a {# b #} c", "$a", "1.5x", "``", "\0", "~"]
)
def test_what_is_no_token_is_refused(text):
    """Signs and letters beyond the language have a place and a way out."""
    with pytest.raises(SqlError) as caught:
        list(split(Source(text)))
    assert caught.value.position is not None
    assert "backticks" in caught.value.remedy


def test_curly_quotes_have_their_own_advice():
    """They come from copied pages."""
    with pytest.raises(SqlError, match="straight quote"):
        list(split(Source("a = \u2018b\u2019")))


def test_a_text_of_tokens_alone_is_told_from_any_other():
    """A comment or a second statement beside them is more than tokens."""
    assert [token.token_type for token in single_tokens(" -1 ") or []] == [
        TokenType.DASH,
        TokenType.NUMBER,
    ]
    assert single_tokens("1 -- x") is None
    assert single_tokens("1; 2") is None
    assert single_tokens("1;") is None
    assert single_tokens("'a") is None
    assert single_tokens("") is None


def test_a_text_that_the_tokenizer_gives_up_on_is_refused(monkeypatch):
    """Whatever goes wrong in there is said as any other error is."""

    def give_up(self, text):
        raise TokenError("no")

    monkeypatch.setattr(KsqlTokenizer, "tokenize", give_up)
    with pytest.raises(SqlError) as caught:
        list(split(Source("a")))
    assert caught.value.position == (1, 1)
