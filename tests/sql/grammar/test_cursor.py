"""Walking over tokens, and what an error says."""

import pytest

from eventlab.errors import SqlError
from eventlab.sql.grammar.cursor import Cursor, alternatives
from eventlab.sql.grammar.lexing import Ksql, Source, split


def cursor(text: str) -> Cursor:
    """Return a cursor before the first token of a statement."""
    source = Source(text)
    (statement,) = split(source)
    walking = Cursor(dialect=Ksql())
    walking.begin(statement.tokens, source.position)
    return walking


def test_words_are_taken_together_or_not_at_all():
    """By any case; quoted ones are names, whatever they say."""
    walking = cursor("if Not exists `key`")
    assert not walking.take("IF", "EXISTS")
    assert walking.take("IF", "NOT", "EXISTS")
    assert not walking.at("KEY")
    assert walking.at_name()
    assert walking.at_last()
    assert walking.name("a name") == "key"
    walking.finish()


def test_names_are_in_capitals_unless_they_are_quoted():
    """Names of topics keep their case."""
    walking = cursor("abc `dEf` gHi 'jkl'")
    assert [walking.name("a name"), walking.name("a name")] == ["ABC", "dEf"]
    assert [walking.resource("a topic"), walking.resource("a topic")] == ["gHi", "jkl"]


def test_reserved_words_are_names_only_in_quotes():
    """The error says so."""
    with pytest.raises(SqlError, match="SIZE is a name, put it in backticks"):
        cursor("size").name("a column")
    assert cursor("`size`").name("a column") == "size"


@pytest.mark.parametrize("text", ["`a.b`", "`a b`", "`é`"])
def test_sources_have_plain_names(text):
    """Letters, digits, `_` and `-`."""
    with pytest.raises(SqlError, match="stream or a table"):
        cursor(text).source_name("a stream")
    assert cursor("`a-b_1`").source_name("a stream") == "a-b_1"


def test_durations_are_milliseconds():
    """A whole number and a unit."""
    assert cursor("2 minutes").duration("a length") == 120_000
    for text in ("2", "minutes", "2.5 DAYS", "-1 DAY", "2 WEEKS", "9999999999999999999 DAYS"):
        with pytest.raises(SqlError):
            cursor(text).duration("a length")
    with pytest.raises(SqlError):
        cursor("0 DAYS").duration("a length", least=1)


def test_a_list_in_parentheses_has_a_comma_of_its_own():
    """One in a call inside is not of the list."""
    assert cursor("(a, b)").at_list()
    assert not cursor("(f(a, b))").at_list()
    assert not cursor("(m[f(a, b)]), c").at_list()
    assert not cursor("a, b").at_list()
    assert cursor("(a[(1)]) b").find_closing() == 7
    assert cursor("(a").find_closing() == -1


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("STREEMS", "Did you mean STREAMS?"),
        ("ORDER BY a", "leave ORDER BY out"),
        ("x", "This works: SELECT * FROM orders EMIT CHANGES;"),
    ],
)
def test_an_error_names_the_nearest_thing_that_works(text, remedy):
    """A word that is near, another way to say it, or an example."""
    with pytest.raises(SqlError) as caught:
        cursor(text).expect("STREAMS")
    assert remedy in caught.value.remedy
    assert caught.value.expected == "`STREAMS`"
    assert caught.value.found == f"`{text.split()[0]}`"
    assert caught.value.position == (1, 1)


def test_the_word_before_may_be_the_wrong_one():
    """A mistyped word was taken for a name, and the error comes one later."""
    walking = cursor("WERE a")
    walking.name("an alias")
    with pytest.raises(SqlError, match="Did you mean WHERE instead of WERE"):
        walking.expect_one(["WHERE", "GROUP"])


def test_the_end_has_a_place_too():
    """Right behind the last token."""
    walking = cursor("\n a")
    walking.next()
    with pytest.raises(SqlError) as caught:
        walking.text("a text")
    assert caught.value.position == (2, 3)
    assert caught.value.found == "the end of the statement"


def test_alternatives_are_named_in_a_row():
    """One, two or three of them."""
    assert alternatives(["A"]) == "`A`"
    assert alternatives(["A", "B", "C"]) == "`A`, `B` or `C`"


@pytest.mark.parametrize("text", ["100001 DAYS", "9000000000000000 SECONDS", "2400001 HOURS"])
def test_a_length_of_time_has_an_end(text):
    """The longest one that a flow can have."""
    assert cursor("100000 DAYS").duration("a length") == 8_640_000_000_000
    with pytest.raises(SqlError, match="at most 100000 DAYS") as caught:
        cursor(text).duration("a length")
    assert (caught.value.found, caught.value.position) == (text, (1, 1))
