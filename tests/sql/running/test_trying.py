import doctest

import pytest

from eventlab.errors import SqlError, UsageError
from eventlab.sql.running import trying
from eventlab.sql.running.trying import Trial, WireRecord, run_statements

ORDERS = "CREATE STREAM orders (item STRING, n INT) WITH (KAFKA_TOPIC='o', VALUE_FORMAT='JSON');"
PENS = "CREATE STREAM pens AS SELECT n FROM orders WHERE item = 'pen';"


def test_the_example_gives_what_it_says():
    """As a reader would type it."""
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    assert doctest.testmod(trying, optionflags=flags).failed == 0


def test_a_query_reads_what_another_writes():
    """Each record goes as far as it gets before the next one comes."""
    found = run_statements(
        [ORDERS + PENS, "CREATE STREAM many AS SELECT n * 2 AS twice FROM pens WHERE n > 1;"],
        [("o", None, f'{{"ITEM":"pen","N":{n}}}', n) for n in (1, 2, 3)],
    )
    assert [(one.topic, one.value, one.timestamp) for one in found] == [
        ("PENS", b'{"N":1}', 1),
        ("PENS", b'{"N":2}', 2),
        ("MANY", b'{"TWICE":4}', 2),
        ("PENS", b'{"N":3}', 3),
        ("MANY", b'{"TWICE":6}', 3),
    ]


def test_queries_need_not_be_in_the_order_in_which_they_read():
    """INSERT INTO may come behind who reads its target."""
    found = run_statements(
        ORDERS
        + "CREATE STREAM all_items AS SELECT item FROM orders WHERE n = 1;"
        + "CREATE STREAM seen AS SELECT item FROM all_items;"
        + "INSERT INTO all_items SELECT item FROM orders WHERE n = 2;",
        [("o", None, '{"ITEM":"pen","N":2}')],
    )
    assert [one.topic for one in found] == ["ALL_ITEMS", "SEEN"]


def test_inserted_values_come_first():
    """Before the records that are given."""
    found = run_statements(
        ORDERS + PENS + "INSERT INTO orders (item, n) VALUES ('pen', 7);",
        [("o", None, '{"ITEM":"pen","N":8}', 1)],
    )
    assert [one.value for one in found] == [b'{"N":7}', b'{"N":8}']


def test_a_header_may_be_without_a_value():
    """As Kafka's may."""
    (found,) = run_statements(
        "CREATE STREAM s (h BYTES HEADER('h'), n INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');"
        "CREATE STREAM o AS SELECT h, n FROM s;",
        [("s", None, '{"N":1}', 0, None, (("h", None),))],
    )
    assert found.value == b'{"H":null,"N":1}'


def test_what_nobody_reads_is_no_matter():
    """Nor are records where there is no query at all."""
    assert run_statements(ORDERS, [("o", None, "{")]) == []
    assert run_statements(ORDERS + PENS, [("elsewhere", None, "{")]) == []


def test_what_is_held_back_stays():
    """More might come: a window that is not over is not final."""
    query = (
        "CREATE TABLE c AS SELECT item, COUNT(*) AS n FROM orders"
        " WINDOW TUMBLING (SIZE 10 MILLISECONDS) GROUP BY item EMIT FINAL;"
    )
    given = [("o", None, '{"ITEM":"pen","N":8}', 1)]
    assert run_statements(ORDERS + query, given) == []
    (final,) = run_statements(ORDERS + query, [*given, ("o", None, '{"ITEM":"ink","N":1}', 30)])
    assert final == WireRecord("C", b"pen", b'{"N":1}', 1, (0, 10))


def test_a_trial_tells_of_records_that_could_not_be_used():
    """With their place."""
    trial = Trial()
    trial.take(ORDERS + PENS)
    assert trial.outputs([WireRecord("o", None, b"{")]) == []
    assert trial.reports[0].startswith("o, offset 0: it is no JSON")


def test_a_circle_of_queries_is_refused():
    """Its records would never come to an end."""
    with pytest.raises(SqlError, match="Queries write what they read"):
        run_statements(
            ORDERS
            + "CREATE STREAM a AS SELECT * FROM orders;"
            + "CREATE STREAM b AS SELECT * FROM a;"
            + "INSERT INTO a SELECT * FROM b;",
            [],
        )


def test_a_statement_that_needs_an_engine_is_refused():
    """With what can be tried."""
    for text in ("SELECT * FROM orders EMIT CHANGES;", "ASSERT TOPIC o;"):
        with pytest.raises(SqlError, match="needs a running engine"):
            run_statements(ORDERS + text, [])


SCRIPT = """
    CREATE STREAM foo (id INT KEY, n INT) WITH (KAFKA_TOPIC='foo', VALUE_FORMAT='{format}');
    CREATE TABLE sums AS SELECT id, SUM(n) AS s FROM foo GROUP BY id HAVING SUM(n) < 10;
    ASSERT TABLE sums (id INT PRIMARY KEY, s INT) WITH (VALUE_FORMAT='{format}');

    INSERT INTO foo (rowtime, id, n) VALUES (5, 1, 3);
    ASSERT VALUES sums (rowtime, id, s) VALUES (5, 1, 3);
    INSERT INTO foo (rowtime, id, n) VALUES (6, 1, 30);
    ASSERT NULL VALUES sums (id) KEY (1);
    ASSERT VALUES foo (id) VALUES (1);
    ASSERT VALUES foo (n) VALUES ({second});
"""


@pytest.mark.parametrize("name", ["JSON", "AVRO"])
def test_a_script_says_what_should_come_out(name):
    """Row by row, of each stream and table for itself."""
    assert len(run_statements(SCRIPT.format(format=name, second=30), [])) == 2
    with pytest.raises(SqlError, match="Line 11, column 35: The next row of FOO") as caught:
        run_statements(SCRIPT.format(format=name, second=31), [])
    assert (caught.value.expected, caught.value.found) == ("N 31", "N 30")


def test_a_row_that_does_not_come_out_is_missed():
    """With how many did; whether they were inserted or given."""
    script = ORDERS + PENS + "ASSERT VALUES pens (n) VALUES (1); ASSERT VALUES pens (n) VALUES (2);"
    given = [("o", None, f'{{"ITEM":"pen","N":{n}}}', n) for n in (1, 2)]
    assert len(run_statements(script, given)) == 2
    with pytest.raises(SqlError, match="PENS has no further row") as caught:
        run_statements(script, given[:1])
    assert caught.value.found.startswith("1 row before it")
    alone = ORDERS + "ASSERT VALUES orders VALUES ('pen', 2);"
    assert run_statements(alone, given[1:]) == []


def test_avro_has_a_registry_in_memory():
    """Of which columns are taken too; bytes that are none of it are reported and left out."""
    trial = Trial()
    trial.take(
        "CREATE STREAM foo (id INT KEY, n INT) WITH (KAFKA_TOPIC='foo', FORMAT='AVRO');"
        "ASSERT SCHEMA SUBJECT 'foo-value'; ASSERT NOT EXISTS SCHEMA SUBJECT 'BAR-value';"
        "CREATE STREAM bar AS SELECT * FROM foo; ASSERT SCHEMA SUBJECT 'BAR-value' ID 2;"
        "CREATE STREAM baz WITH (KAFKA_TOPIC='BAR', FORMAT='AVRO');"
        "CREATE STREAM as_json WITH (VALUE_FORMAT='JSON') AS SELECT * FROM baz;"
    )
    foreign = WireRecord("foo", None, b"no avro")
    found = trial.outputs([foreign, WireRecord("foo", b"\0\0\0\0\1\2", b"\0\0\0\0\2\2\6", 4)])
    assert [(one.topic, one.key, one.value) for one in found] == [
        ("BAR", b"\0\0\0\0\1\2", b"\0\0\0\0\2\2\6"),
        ("AS_JSON", b"\0\0\0\0\1\2", b'{"N":3}'),
    ]
    assert trial.reports == [
        "foo, offset 0: A message names no schema: found b'no avro'",
    ]


def test_an_incompatible_schema_is_refused():
    """Where a result would be written by it."""
    with pytest.raises(SqlError, match="does not take the schema of these columns for t-value"):
        run_statements(
            "CREATE STREAM a (n INT) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='AVRO');"
            "CREATE STREAM b WITH (KAFKA_TOPIC='t') AS SELECT CAST(n AS STRING) AS n FROM a;",
            [],
        )


def test_windows_of_avro_have_keys_in_text():
    """With their bounds beside them; a registry is not asked for these."""
    found = run_statements(
        "CREATE STREAM a (k STRING KEY, n INT) WITH (KAFKA_TOPIC='a', FORMAT='AVRO');"
        "INSERT INTO a (rowtime, k, n) VALUES (3, 'x', 1);"
        "CREATE TABLE c AS SELECT k, COUNT(*) AS n FROM a"
        " WINDOW TUMBLING (SIZE 10 MILLISECONDS) GROUP BY k;"
        "ASSERT NOT EXISTS SCHEMA SUBJECT 'C-key'; ASSERT VALUES c (k, n) VALUES ('x', 1);",
        [],
    )
    assert [(one.key, one.window) for one in found] == [(b'"x"', (0, 10))]


@pytest.mark.parametrize(
    "wrong",
    [
        "o",
        ("o",),
        ("o", 5, b"{}"),
        ("o", None, {"ITEM": "pen"}),
        ("o", None, b"{}", "now"),
        ("o", None, b"{}", -1),
        ("o", None, b"{}", 0, 5),
        None,
    ],
)
def test_an_input_that_is_no_record_is_refused(wrong):
    """Before anything is tried."""
    with pytest.raises(UsageError, match="An input is no record"):
        run_statements(ORDERS + PENS, [wrong])


@pytest.mark.parametrize("wrong", [[5], [b"SHOW STREAMS;"], b"SHOW STREAMS;", {"a": "b"}, [None]])
def test_statements_are_texts(wrong):
    """One, or several."""
    with pytest.raises(UsageError, match="statements"):
        run_statements(wrong, [])
