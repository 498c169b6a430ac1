import json

import pytest

from eventlab.errors import SqlError
from eventlab.sql.server.inserts import acknowledged, batches
from eventlab.sql.server.refusals import Refusal
from tests.looping import run as run_loop


async def sent(*chunks):
    """Yield what a client sends."""
    for chunk in chunks:
        yield chunk


async def listed(things):
    """Return all that comes."""
    return [one async for one in things]


def test_lines_are_whole_however_they_come():
    """Cut anywhere, with a last line that does not end."""
    found = run_loop(listed(batches(sent(b'{"a":1}\n{"a"', b':2}\n\n{"a":3}'))))
    assert found == [[{"a": 1}], [{"a": 2}], [{"a": 3}]]


@pytest.mark.parametrize("line", [b"nothing", b"[1]"])
def test_a_line_that_is_no_object_is_refused(line):
    """Whatever else it is."""
    with pytest.raises(Refusal, match="no JSON"):
        run_loop(listed(batches(sent(line))))


@pytest.mark.parametrize(
    "line",
    [b'{"a": "\\ud800"}', b'{"\\udfff": 1}', b"[" * 100_000],
    ids=["value", "name", "levels"],
)
def test_a_line_that_no_record_could_hold_is_refused(line):
    """Half a character, or more levels than can be read."""
    with pytest.raises(Refusal, match=r"half a character|too many levels"):
        run_loop(listed(batches(sent(line))))


def test_each_row_is_acknowledged_or_refused_by_its_number():
    """A bad row stops none of the others; a line that cannot be read ends it."""
    seen = []

    async def insert(target, rows):
        seen.extend(rows)
        bad = SqlError("No", expected="a", found="b", remedy="C.")
        return [bad if row["a"] == 1 else None for row in rows]

    arriving = batches(sent(b'{"a":1}\n{"a":2}\n', b"nothing"))
    lines = run_loop(listed(acknowledged("s", [{"a": 0}], arriving, insert)))
    found = [json.loads(line) for line in lines]
    assert [(one["status"], one["seq"]) for one in found] == [
        ("ok", 0),
        ("error", 1),
        ("ok", 2),
        ("error", 3),
    ]
    assert seen == [{"a": 0}, {"a": 1}, {"a": 2}]
