"""Cells with statements: what runs again replaces what it had made, and nothing is doubled."""

import pytest

from eventlab.errors import SqlError
from eventlab.lab.sql_cells import SqlCells
from eventlab.log import read
from eventlab.sql.engine import Engine
from tests.lab.shell import Shell
from tests.sql.engines import ORDERS, Topics, frame
from tests.waiting import until

pytestmark = pytest.mark.broker

DEAR = "CREATE STREAM dear AS SELECT * FROM orders WHERE cents > 10;"
SUMS = "CREATE TABLE sums AS SELECT customer, SUM(cents) AS cents FROM dear GROUP BY customer;"
PULL = "SELECT customer, cents FROM sums;"
FEW = (
    "CREATE STREAM few (customer STRING KEY, cents INT)"
    " WITH (KAFKA_TOPIC='few', VALUE_FORMAT='JSON', PARTITIONS=1);"
)
INSERT = "INSERT INTO few SELECT customer, cents FROM orders WHERE cents < 100;"


@pytest.fixture
def topics(new_topic):
    """Topics of the test's own, with four orders."""
    topics = Topics(new_topic)
    topics.orders(1, 20, 300, 4000)
    return topics


@pytest.fixture
def cells(topics, monkeypatch):
    """What runs statements as the cell that a test names."""
    shell, said = Shell(), []
    monkeypatch.setattr("eventlab.lab.notebook.get_ipython", lambda: shell)
    engine = Engine(topics, begins_anew=True)

    class Cells(SqlCells):
        def in_cell(self, cell: str, text: str) -> list:
            """Run statements in a cell."""
            shell.cell, shell.execution_count = cell, shell.execution_count + 1
            return list(self.run(text))

    cells = Cells(engine, said.append)
    cells.said = said
    cells.in_cell("orders", ORDERS)
    yield cells
    engine.close()


def queries(cells):
    """Return the ids of the queries that there are."""
    return list(frame(cells.engine, "SHOW QUERIES;").QUERY_ID)


def pulled(cells):
    """Return what the table of sums holds."""
    (rows,) = cells.in_cell("pull", PULL)
    return rows.rows


def test_a_cell_that_runs_again_replaces_what_it_made(cells):
    """Also by something else; and what it no longer makes is no more."""
    for _ in range(2):
        cells.in_cell("a", DEAR + SUMS)
        assert pulled(cells) == [("ann", 300), ("bob", 4020)]
    assert len(queries(cells)) == 2
    cells.in_cell("a", DEAR.replace("> 10", "> 100"))
    assert len(queries(cells)) == 1
    assert set(cells.engine.catalog.sources) == {"ORDERS", "DEAR"}


def test_what_other_cells_have_made_of_it_begins_anew(cells):
    """And belongs to its cell as before."""
    cells.in_cell("a", DEAR)
    cells.in_cell("b", SUMS)
    assert pulled(cells) == [("ann", 300), ("bob", 4020)]
    cells.in_cell("a", DEAR.replace("> 10", "> 100"))
    assert pulled(cells) == [("ann", 300), ("bob", 4000)]
    cells.in_cell("b", SUMS.replace("SUM(", "COUNT("))
    assert pulled(cells) == [("ann", 1), ("bob", 1)]
    assert cells.said == []


def test_what_cannot_begin_anew_is_told(cells):
    """The cell itself has run."""
    cells.in_cell("a", DEAR)
    cells.in_cell("b", SUMS)
    cells.in_cell("a", DEAR.replace("*", "customer, good"))
    assert "CTAS_SUMS_2 could not begin anew" in cells.said[0]
    assert set(cells.engine.catalog.sources) == {"ORDERS", "DEAR"}


def test_of_another_cell_a_name_is_taken(cells):
    """The one that has it is left as it is."""
    cells.in_cell("a", DEAR)
    with pytest.raises(SqlError, match="DEAR is taken"):
        cells.in_cell("b", DEAR)
    assert queries(cells) == ["CSAS_DEAR_1"]


def test_what_is_not_understood_ends_nothing(cells):
    """The error has the text, for the line and its caret."""
    cells.in_cell("a", DEAR)
    with pytest.raises(SqlError) as caught:
        cells.in_cell("a", "SELEC * FROM dear;")
    assert caught.value.text == "SELEC * FROM dear;"
    assert queries(cells) == ["CSAS_DEAR_1"]


def test_a_cell_that_fails_halfway_can_run_again(cells):
    """What came before its error is replaced too."""
    for _ in range(2):
        with pytest.raises(SqlError, match="NOTHING"):
            cells.in_cell("a", DEAR + "SELECT * FROM nothing EMIT CHANGES;")
    assert len(queries(cells)) == 1


def test_an_insertion_goes_on_and_doubles_nothing(cells, topics):
    """It is there as before; with the stream that it fills it begins anew, with an empty topic."""
    cells.in_cell("few", FEW)
    for _ in range(2):
        cells.in_cell("insert", INSERT)
    until(lambda: len(read(topics("few")).events) == 2)
    assert queries(cells) == ["INSERTQUERY_1"]
    cells.in_cell("few", FEW)
    until(lambda: len(read(topics("few")).events) == 2)
    cells.in_cell("few", FEW)
    until(lambda: len(read(topics("few")).events) == 2)
    assert len(queries(cells)) == 1


def test_where_cells_have_no_names_nothing_is_replaced(topics):
    """As in a program, where each call stands for itself."""
    engine = Engine(topics, begins_anew=True)
    cells = SqlCells(engine, print)
    list(cells.run(ORDERS))
    with pytest.raises(SqlError, match="ORDERS is taken"):
        list(cells.run(ORDERS))
    engine.close()


def test_a_table_whose_query_has_failed_is_said(cells, topics):
    """It is shown as it was: nobody takes it for what is true now."""
    cells.in_cell("a", DEAR)
    cells.in_cell("b", SUMS)
    assert pulled(cells) == [("ann", 300), ("bob", 4020)]
    (sums,) = [one for one in cells.engine.queries.values() if one.target.name == "SUMS"]
    topics("DEAR").reset(1, {})
    until(lambda: sums.error is not None)
    assert pulled(cells) == [("ann", 300), ("bob", 4020)]
    assert "CTAS_SUMS_2 has failed, and SUMS stands still" in cells.said[0]


def test_a_cell_that_alters_is_run_again(cells):
    """It finds what it found, and adds its columns again; the stream is not its own to end."""
    for column in ("note STRING", "note STRING, ADD weight INT"):
        cells.in_cell("alter", f"ALTER STREAM orders ADD {column};")
    names = [one.name for one in cells.engine.catalog.sources["ORDERS"].columns]
    assert names == ["CUSTOMER", "GOOD", "CENTS", "NOTE", "WEIGHT"]
    cells.in_cell("orders", ORDERS)
    assert len(cells.engine.catalog.sources["ORDERS"].columns) == 3
    cells.in_cell("alter", "ALTER STREAM orders ADD note INT;")
    assert len(cells.engine.catalog.sources["ORDERS"].columns) == 4
