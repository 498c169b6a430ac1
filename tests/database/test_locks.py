"""The query for who waits for whom, by itself; what it finds is in test_database."""

from threading import Thread

import pytest

from eventlab.database.locks import WAITS
from tests.waiting import until

pytestmark = pytest.mark.database


def test_without_a_wait_it_has_its_columns(database):
    """A frame of none has the columns of one with many."""
    found = database.sql(WAITS)
    assert found.empty
    assert list(found.columns) == [
        "waiting",
        "waiting_name",
        "blocking",
        "blocking_name",
        "table",
        "lock",
        "mode",
        "waited_seconds",
        "waiting_query",
        "blocking_query",
    ]


def test_a_wait_for_a_whole_table_names_it(database):
    """A lock of a table has the table, and no row's."""
    database.sql("create table orders (id int)")
    with database.connect(name="first") as first:
        first.execute("lock table orders in access exclusive mode")
        with database.connect(name="second") as second:
            thread = Thread(target=second.execute, args=("select * from orders",))
            thread.start()
            until(lambda: len(database.locks()) == 1)
            found = database.locks().iloc[0]
            assert (found["table"], found["lock"]) == ("orders", "relation")
            first.commit()
            thread.join(20)
