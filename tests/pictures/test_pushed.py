"""What a push query gives, as a table or as a chart; without a broker."""

from decimal import Decimal

import pytest

from eventlab.errors import FlowError, SqlError
from eventlab.pictures.pushed import PushChart, PushTable
from eventlab.sql.catalog import WindowedBy
from eventlab.sql.planning.rows import Field, Shape
from eventlab.sql.running.pushing import Push
from eventlab.sql.types import BIGINT, STRING, TIMESTAMP, DecimalType
from eventlab.streams import Arrival
from tests.waiting import until

FIELDS = (Field("GOOD", STRING), Field("N", BIGINT))
HOUR = 3_600_000


class Flow:
    """A flow as far as a push query sees one."""

    def __init__(self):
        self.is_alive, self.error = False, None

    def start(self):
        self.is_alive = True

    def stop(self):
        self.is_alive = False

    ask_to_stop = stop


def pushing(kind="stream", *, fields=FIELDS, window=None, limit=None):
    """Return a push query that runs."""
    push = Push("transient_1", Shape(kind, fields, (), window), limit)
    push.start(Flow())
    return push


def give(push, *rows):
    """Let a query give rows by their keys, a second apart."""
    push.take(
        [
            (key, Arrival(row, None, "t", 0, n, 1000 * (n + 1), 0))
            for n, (key, row) in enumerate(rows)
        ]
    )


def test_a_stream_s_rows_roll_by():
    """Each with its number; NULL is written so."""
    push = pushing()
    with PushTable(push, most=2) as picture:
        give(push, (None, ("tea", 1)), (None, ("milk", None)), (None, ("salt", 3)))
        until(lambda: picture.rows.rows == [["salt", "3"], ["milk", "NULL"]])
        until(lambda: picture.rows.title.startswith("3 rows so far"))
        assert picture.scores() == {"rows": 3}
    assert not push.is_alive
    assert picture.rows.title == "3 rows until it ended"


def test_a_table_s_rows_stand_by_their_keys():
    """The last one of each; what is no more goes. The key's columns are not told twice."""
    push = pushing("table")
    with PushTable(push) as picture:
        give(push, ('["tea"]', ("tea", 1)), ('["milk"]', ("milk", 2)))
        give(push, ('["tea"]', ("tea", 7)), ('["milk"]', None))
        until(lambda: picture.rows.rows == {"tea": {"N": "7"}})
        assert picture.rows.key_title == "GOOD"


def test_a_window_is_a_part_of_the_key():
    """It is said where it begins; a key that is no column is called so."""
    push = pushing("table", fields=FIELDS[1:], window=WindowedBy("tumbling", HOUR))
    with PushTable(push) as picture:
        give(push, (f'["tea",{HOUR},{2 * HOUR}]', (1,)))
        until(lambda: picture.rows.rows == {"tea  1970-01-01T01:00": {"N": "1"}})
        assert picture.rows.key_title == "key, from"


def test_values_are_written_as_sql_writes_them():
    """Moments, and decimal numbers with all their digits."""
    push = pushing(fields=(Field("AT", TIMESTAMP), Field("PRICE", DecimalType(6, 2))))
    with PushTable(push) as picture:
        give(push, (None, (1500, Decimal("1.50"))))
        until(lambda: picture.rows.rows == [["1970-01-01T00:00:01.500", "1.50"]])


def test_it_becomes_a_still_where_the_query_ends():
    """At the limit, by itself."""
    push = pushing(limit=1)
    picture = PushTable(push).start()
    give(push, (None, ("tea", 1)), (None, ("milk", 2)))
    until(lambda: not picture.chart._sender.is_alive)
    assert picture.rows.title == "1 row: the limit of the query"


def test_what_ended_the_query_is_told():
    """In the line under the picture."""
    push = pushing()
    with PushTable(push) as picture:
        push._flow.error = FlowError("A step failed")
        until(lambda: "A step failed" in picture.chart.trouble)


@pytest.mark.parametrize("limit", [None, 1])
def test_where_no_page_is_one_waits_a_little(limit, monkeypatch):
    """For what is there; then the query has ended."""
    monkeypatch.setattr("eventlab.pictures.pushed._A_LITTLE_SECONDS", 0.1)
    push = pushing(limit=limit)
    give(push, (None, ("tea", 1)))
    picture = PushTable(push)
    picture.wait_a_little()
    assert not push.is_alive
    with picture:
        pass
    assert picture.rows.rows == [["tea", "1"]]


def test_a_stream_s_first_number_is_drawn_over_time():
    """The time is the row's own."""
    push = pushing()
    with PushChart(push) as picture:
        give(push, (None, ("tea", 1)), (None, ("milk", None)))
        until(lambda: picture.drawn.rows.get("number") == [1.0, None])
        assert picture.drawn.rows["at"] == [1000, 2000]
        assert "N of a query" in picture.drawn.alt


def test_a_table_s_first_number_is_drawn_by_key():
    """In place of the one before; of a window where that begins."""
    push = pushing("table", window=WindowedBy("tumbling", HOUR))
    key = f'["tea",{HOUR},{2 * HOUR}]'
    with PushChart(push) as picture:
        give(push, (key, ("tea", 1)), (key, ("tea", 2)), ('["milk",0,1]', ("milk", 1)))
        give(push, ('["milk",0,1]', None))
        until(lambda: picture.drawn.rows.get("number") == [2.0])
        assert picture.drawn.rows["at"] == [HOUR]
        assert picture.drawn.rows["key"] == ["tea"]


def test_a_chart_without_a_number_is_refused():
    """With the columns that there are."""
    with pytest.raises(SqlError, match="GOOD STRING"):
        PushChart(pushing(fields=FIELDS[:1]))
