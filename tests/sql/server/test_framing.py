import json

import pytest

from eventlab.sql.planning.rows import Field, Shape
from eventlab.sql.running.pushing import Change
from eventlab.sql.server.framing import Array, Lines, Streamed, as_they_come, at_once, framed
from eventlab.sql.types import BIGINT, STRING
from tests.looping import run as run_loop

COLUMNS = [Field("A", BIGINT), Field("B", STRING)]
ROWS = [(1, "x"), (2, None)]
HEADER = {"queryId": "q", "columnNames": ["A", "B"], "columnTypes": ["BIGINT", "STRING"]}


def text(framing, query_id="q", rows=ROWS, end=("Done", None)):
    """Return a whole answer."""

    async def collect():
        pieces = framed(framing, query_id, COLUMNS, at_once(framing, COLUMNS, rows), lambda: end)
        return b"".join([piece async for piece in pieces])

    return run_loop(collect()).decode()


def test_lines_are_a_header_and_arrays():
    """Each in a line of its own."""
    assert [json.loads(one) for one in text(Lines()).splitlines()] == [HEADER, [1, "x"], [2, None]]


def test_an_array_is_json_as_a_whole():
    """With rows or without."""
    assert json.loads(text(Array())) == [HEADER, [1, "x"], [2, None]]
    assert json.loads(text(Array(), rows=[])) == [HEADER]


def test_objects_say_what_they_are():
    """The form of the older endpoint."""
    header = {"queryId": "q", "schema": "`A` BIGINT, `B` STRING"}
    assert json.loads(text(Streamed())) == [
        {"header": header},
        {"row": {"columns": [1, "x"]}},
        {"row": {"columns": [2, None]}},
        {"finalMessage": "Done"},
    ]


@pytest.mark.parametrize("framing", [Lines(), Array(), Streamed()])
def test_an_error_comes_last(framing):
    """And what came before it stays."""
    found = text(framing, end=("", {"@type": "generic_error"}))
    last = (found if found[0] == "[" else f"[{','.join(found.splitlines())}]").strip()
    assert json.loads(last)[-1] in (
        {"@type": "generic_error"},
        {"errorMessage": {"@type": "generic_error"}},
    )


def test_a_pull_query_has_no_id():
    """There is nothing to end."""
    assert "queryId" not in json.loads(text(Lines(), query_id=None).splitlines()[0])


@pytest.mark.parametrize(
    ("framing", "expected"),
    [
        (Lines(), b'[1,"x"]\n'),
        (Array(), b',\n[1,"x"]'),
        (
            Streamed(),
            b'{"row":{"columns":[1,"x"]}},\n{"row":{"columns":[1,null],"tombstone":true}},\n',
        ),
    ],
)
def test_a_row_that_is_gone_is_said_where_there_is_a_word_for_it(framing, expected):
    """With its key, and nothing else."""
    shape = Shape("table", tuple(COLUMNS), keys=(0,))

    async def collect():
        async def changes():
            yield [Change(1, "[1]", (1, "x"), 0), Change(1, "[1]", None, 0)]

        return b"".join([piece async for piece in as_they_come(framing, shape, changes())])

    assert run_loop(collect()) == expected


@pytest.mark.parametrize(("framing", "expected"), [(Lines(), []), (Streamed(), [b"\n"])])
def test_that_nothing_comes_is_said_where_clients_wait_for_it(framing, expected):
    """They take a connection for broken on which nothing comes."""
    shape = Shape("table", tuple(COLUMNS), keys=(0,))

    async def collect():
        async def changes():
            yield []

        return [piece async for piece in as_they_come(framing, shape, changes())]

    assert run_loop(collect()) == expected


def test_each_object_is_a_whole_line_at_once():
    """Whoever reads line by line has a row when it has come."""
    lines = text(Streamed()).splitlines()
    assert [line[-2:] for line in lines] == ["},", "},", "},", "}]"]
