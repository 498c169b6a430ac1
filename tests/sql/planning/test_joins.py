from eventlab.sql.planning.joins import read
from eventlab.sql.planning.plans import JoinStreams, JoinTable, JoinTables, Read, Rekey
from eventlab.sql.syntax import From
from tests.sql.planning.planning import SHELVES, SOURCES, names_of, plan_of, session_of, written

TIMED = """
    CREATE STREAM calls (made STRING, number INT)
        WITH (KAFKA_TOPIC='c', VALUE_FORMAT='JSON', TIMESTAMP='made', TIMESTAMP_FORMAT='yyyy');
"""


def test_a_source_is_read_by_the_name_that_the_query_gives_it():
    step = read(session_of(SOURCES).catalog, From("ORDERS", "O"))
    assert step.alias == "O"
    assert step.source.name == "ORDERS"
    assert {field.source for field in step.shape.fields} == {"O"}


def test_the_session_says_whether_a_row_without_a_time_ends_the_query():
    session = session_of(TIMED)
    assert not read(session.catalog, From("CALLS")).source.event_time.is_strict
    session.catalog.settings.set("ksql.timestamp.throw.on.invalid", "true")
    assert read(session.catalog, From("CALLS")).source.event_time.is_strict


def test_two_streams_are_joined_by_any_column():
    plan = plan_of("SELECT * FROM orders JOIN payments WITHIN (1 HOUR, 5 MINUTES) ON price = paid;")
    assert isinstance(plan.up, JoinStreams)
    assert (plan.up.within.before, plan.up.within.after) == (3_600_000, 300_000)
    assert isinstance(plan.up.left, Rekey)
    assert isinstance(plan.up.right, Rekey)


def test_a_side_that_has_the_key_already_stays_as_it_is():
    plan = plan_of("SELECT * FROM orders JOIN payments WITHIN 1 HOUR ON id = order_id;")
    assert isinstance(plan.up.left, Read)
    assert isinstance(plan.up.right, Read)


def test_each_event_of_a_stream_finds_the_row_of_a_table():
    text = (
        "CREATE STREAM placed AS SELECT item, id, shelf FROM orders LEFT JOIN items ON item = code;"
    )
    records = [
        ("items", "pen", {"SHELF": "A"}),
        ("orders", 1, {"ITEM": "pen"}),
        ("orders", 2, {"ITEM": "ink"}),
    ]
    assert written(text, records) == [
        ("pen", {"ID": 1, "SHELF": "A"}, None),
        ("ink", {"ID": 2, "SHELF": None}, None),
    ]
    assert isinstance(plan_of(text[text.index("SELECT") :]).up, JoinTable)


def test_two_tables_of_one_key_are_joined():
    plan = plan_of("SELECT * FROM items FULL JOIN stock ON items.code = stock.code;")
    assert isinstance(plan.up, JoinTables)
    assert (plan.up.how, plan.up.foreign_key) == ("outer", None)


def test_a_foreign_key_keeps_the_key_of_the_left_table():
    text = "CREATE TABLE heights AS SELECT code, high FROM items JOIN shelves ON shelf = name;"
    records = [("items", "pen", {"SHELF": "A"}), ("shelves", "A", {"HIGH": 2})]
    assert written(text, records, SOURCES, SHELVES) == [("pen", {"HIGH": 2}, None)]


def test_an_outer_join_has_a_key_of_its_own():
    join = "FROM items FULL JOIN stock ON items.code = stock.code"
    assert "ROWKEY" in names_of(plan_of(f"SELECT * {join};"))
    assert names_of(plan_of(f"SELECT rowkey, shelf {join};")) == ["ROWKEY", "SHELF"]


def test_a_further_join_by_the_same_key_needs_no_other_one():
    keyed = SOURCES.replace("(id INT KEY, item STRING", "(item STRING KEY, id INT")
    plan = plan_of(
        "SELECT * FROM orders o JOIN items i ON o.item = i.code JOIN stock s ON i.code = s.code;",
        keyed,
    )
    assert isinstance(plan.up.left, JoinTable)
