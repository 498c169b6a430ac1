"""ALTER: which columns can be added, and to what."""

import pytest

from tests.sql.planning.planning import ORDERS, STOCK, refused, session_of, source_of


def test_columns_are_added_behind_the_others():
    """As values, whatever they are called; rows that are there have NULL in them."""
    made = source_of(
        "ALTER STREAM orders ADD COLUMN note STRING, ADD `who` MAP<STRING, INT>;", ORDERS
    )
    assert [(one.name, one.role) for one in made.columns[2:]] == [
        ("PRICE", "value"),
        ("NOTE", "value"),
        ("who", "value"),
    ]
    assert made.text.endswith("ADD `who` MAP<STRING, INT>")
    assert "CREATE STREAM orders" in made.text


def test_a_type_of_one_s_own_can_be_added():
    """By its name."""
    made = source_of("ALTER TABLE stock ADD COLUMN m money;", "CREATE TYPE money AS INT;", STOCK)
    assert str(made.columns[-1].kind) == "INTEGER"


def test_rows_have_the_new_columns_from_then_on():
    """A plan that was made before is as it was."""
    session = session_of(
        ORDERS,
        "CREATE STREAM old AS SELECT * FROM orders;",
        "ALTER STREAM orders ADD COLUMN note STRING;",
        "CREATE STREAM new AS SELECT * FROM orders;",
    )
    names = {
        name: [one.name for one in source.columns]
        for name, source in session.catalog.sources.items()
    }
    assert names["OLD"] == ["ID", "ITEM", "PRICE"]
    assert names["NEW"] == ["ID", "ITEM", "PRICE", "NOTE"]


@pytest.mark.parametrize(
    ("text", "message", "position"),
    [
        ("ALTER STREAM orders ADD item INT;", "Two columns are called ITEM", (1, 25)),
        ("ALTER STREAM orders ADD a INT, ADD a INT;", "Two columns are called A", (1, 36)),
        ("ALTER STREAM orders ADD rowtime INT;", "Every row has a column ROWTIME", (1, 25)),
        ("ALTER STREAM orders ADD a nonesuch;", "no type NONESUCH", (1, 25)),
        ("ALTER TABLE orders ADD a INT;", "ORDERS is a stream", (1, 13)),
        ("ALTER STREAM order ADD a INT;", "nearest: ORDERS", (1, 14)),
        ("ALTER STREAM copy ADD a INT;", "COPY has the columns of its query", (1, 14)),
        ("ALTER STREAM theirs ADD a INT;", "THEIRS cannot be altered", (1, 14)),
        ("ALTER STREAM lines ADD a ARRAY<INT>;", "DELIMITED cannot hold the column A", None),
        ("ALTER STREAM bare ADD a INT;", "KAFKA holds a single column", None),
    ],
)
def test_what_cannot_be_added_is_refused(text, message, position):
    """A query's columns are its own, and a SOURCE's those that it was created with."""
    before = (
        ORDERS,
        "CREATE STREAM copy AS SELECT * FROM orders;",
        "CREATE SOURCE STREAM theirs (a INT) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON');",
        "CREATE STREAM lines (b INT) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='DELIMITED');",
        "CREATE STREAM bare (b INT) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='KAFKA');",
    )
    error = refused(text, *before)
    assert message in str(error)
    assert error.position == position
