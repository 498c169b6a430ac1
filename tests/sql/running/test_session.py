"""What statements do to a catalog, before anything runs."""

import pytest

from eventlab.errors import SqlError
from eventlab.sql.grammar.parsing import parse
from eventlab.sql.running.session import Gone, NewQuery, NewRow, NewSource, Nothing, Session

ORDERS = (
    "CREATE STREAM orders (id STRING KEY, cents INT) WITH (KAFKA_TOPIC='o', VALUE_FORMAT='JSON');"
)


def taken(session, text):
    """Return what each statement of a text asks for."""
    return [session.take(one.statement, one.text, now=7) for one in parse(text)]


@pytest.fixture
def session():
    """A session that knows a stream."""
    session = Session(print)
    taken(session, ORDERS)
    return session


def test_a_source_is_known_from_then_on(session):
    """By its name, until it is dropped; its topic goes where that is said."""
    (made,) = taken(session, ORDERS.replace("orders", "more"))
    assert isinstance(made, NewSource)
    (gone,) = taken(session, "DROP STREAM more DELETE TOPIC;")
    assert isinstance(gone, Gone)
    assert gone.with_topic
    assert set(session.catalog.sources) == {"ORDERS"}


def test_a_query_makes_its_target_or_inserts_into_it(session):
    """Both have a plan."""
    made, more = taken(
        session,
        "CREATE STREAM dear AS SELECT * FROM orders WHERE cents > 5;"
        "INSERT INTO dear SELECT * FROM orders;",
    )
    assert isinstance(made, NewQuery)
    assert made.is_new
    assert isinstance(more, NewQuery)
    assert not more.is_new
    assert made.target == more.target


def test_a_row_is_as_on_the_wire(session):
    """With the time of now, where the statement says none."""
    rows = taken(
        session,
        "INSERT INTO orders (id, cents) VALUES ('a', 5);"
        "INSERT INTO orders (id, cents, rowtime) VALUES ('a', 5, 1234);",
    )
    for row, time in zip(rows, (7, 1234), strict=True):
        assert isinstance(row, NewRow)
        assert (row.key, row.value, row.time) == (b"a", b'{"CENTS":5}', time)


@pytest.mark.parametrize(
    "text",
    [
        "CREATE STREAM IF NOT EXISTS orders (n INT) WITH (KAFKA_TOPIC='x', VALUE_FORMAT='JSON');",
        "CREATE STREAM IF NOT EXISTS orders AS SELECT * FROM orders;",
        "DROP TABLE IF EXISTS nothing;",
    ],
)
def test_what_is_so_already_changes_nothing(session, text):
    """And says so."""
    before = dict(session.catalog.sources)
    (said,) = taken(session, text)
    assert isinstance(said, Nothing)
    assert session.catalog.sources == before


def test_types_and_settings_are_kept(session):
    """Until they are taken back."""
    taken(session, "CREATE TYPE money AS STRUCT<cents INT>; SET 'auto.offset.reset'='latest';")
    assert list(session.catalog.types) == ["MONEY"]
    assert session.catalog.settings.given == {"auto.offset.reset": "latest"}
    taken(session, "DROP TYPE money; UNSET 'auto.offset.reset';")
    assert not session.catalog.types
    assert not session.catalog.settings.given


def test_a_statement_that_looks_changes_nothing(session):
    """The engine answers it."""
    assert taken(session, "SHOW STREAMS; SELECT * FROM orders EMIT CHANGES;") == [None, None]


@pytest.mark.parametrize(
    "text", [ORDERS, "CREATE STREAM no AS SELECT nothing FROM orders;", "DROP STREAM nothing;"]
)
def test_what_is_refused_has_changed_nothing(session, text):
    """As if it had not been said."""
    before = dict(session.catalog.sources)
    with pytest.raises(SqlError):
        taken(session, text)
    assert session.catalog.sources == before


def test_a_statement_is_tried_and_leaves_nothing(session):
    """What it would make is not there, and what it would end is."""
    for text in ("CREATE STREAM dear AS SELECT * FROM orders;", "DROP STREAM orders;"):
        (parsed,) = parse(text)
        session.require_possible(parsed.statement, parsed.text)
        assert set(session.catalog.sources) == {"ORDERS"}
    (parsed,) = parse("CREATE STREAM dear AS SELECT nothing FROM orders;")
    with pytest.raises(SqlError, match="NOTHING"):
        session.require_possible(parsed.statement, parsed.text)
