"""Random small histories through SQL, and through pandas or plain Python that knows no engine.

What leaves must be the same: in order, key, value, time and window.
"""

import json

import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventlab.sql.running.trying import run_statements
from tests.properties import examples
from tests.streams.tasks import Task

few = settings(examples(30), derandomize=True)

# Few values, so that ties, duplicates, NULL and late events are frequent.
keys = st.one_of(st.sampled_from("abc"), st.sampled_from("abc"), st.none())
numbers = st.one_of(st.none(), st.integers(-3, 9), st.integers(-3, 9))
times = st.integers(0, 40)
events = st.lists(st.tuples(keys, numbers, times), min_size=1, max_size=25)
bounds = st.integers(0, 12)

EVENTS = "CREATE STREAM e (k STRING KEY, n INT) WITH (KAFKA_TOPIC='e', VALUE_FORMAT='JSON');"


def ran(statements: str, inputs: list[tuple]) -> list[tuple]:
    """Return what is written: key, value, time and window of each record."""
    return [
        (
            one.key and one.key.decode(),
            None if one.value is None else json.loads(one.value),
            one.timestamp,
            one.window,
        )
        for one in run_statements(statements, inputs)
    ]


def given_as(topic: str, history: list[tuple]) -> list[tuple]:
    """Return (key, number, time) as records of a topic."""
    return [(topic, key, json.dumps({"N": number}), time) for key, number, time in history]


def of_events(query: str, history: list[tuple]) -> list[tuple]:
    return ran(EVENTS + query, given_as("e", history))


# -- rows ---------------------------------------------------------------------------------------


@few
@given(events, st.integers(-3, 9))
def test_filters_and_projections(history, least):
    """Against pandas, for which NULL is greater than nothing too."""
    found = of_events(
        f"CREATE STREAM o AS SELECT k, n * 2 + 1 AS x, n > 3 AS big FROM e WHERE n >= {least};",
        history,
    )
    frame = pandas.DataFrame(history, columns=["k", "n", "time"]).astype({"k": object})
    frame = frame[frame["n"].astype(float) >= least]
    frame = frame.assign(x=frame["n"].astype(int) * 2 + 1, big=frame["n"].astype(int) > 3)
    assert found == [
        (None if pandas.isna(row.k) else row.k, {"X": row.x, "BIG": row.big}, row.time, None)
        for row in frame.itertuples()
    ]


@few
@given(events)
def test_another_key(history):
    """PARTITION BY an expression, which may be NULL."""
    found = of_events(
        "CREATE STREAM o AS SELECT CAST(n AS STRING) AS s, k, n FROM e"
        " PARTITION BY CAST(n AS STRING);",
        history,
    )
    assert found == [
        (None if n is None else str(n), {"K": key, "N": n}, time, None) for key, n, time in history
    ]


# -- groups -------------------------------------------------------------------------------------


class Group:
    """What is counted of a group, event by event."""

    def __init__(self):
        self.count, self.time, self.known = 0, -1, []

    def add(self, number, time):
        self.count, self.time = self.count + 1, max(self.time, time)
        self.known += [] if number is None else [number]

    @property
    def row(self):
        return {
            "C": self.count,
            "S": sum(self.known),
            "LEAST": min(self.known, default=None),
            "MOST": max(self.known, default=None),
        }


SHOWN = "SELECT k, COUNT(*) AS c, SUM(n) AS s, MIN(n) AS least, MAX(n) AS most FROM e"


@few
@given(events)
def test_groups(history):
    """A row at every event; what has no key is in no group."""
    groups, expected = {}, []
    for key, number, time in history:
        if key is None:
            continue
        group = groups.setdefault(key, Group())
        group.add(number, time)
        expected.append((key, group.row, group.time, None))
    assert of_events(f"CREATE TABLE o AS {SHOWN} GROUP BY k;", history) == expected


@few
@given(events, st.integers(-3, 9))
def test_groups_for_which_something_holds(history, most):
    """HAVING that no longer holds takes the row back, once."""
    groups, shown, expected = {}, set(), []
    for key, number, time in history:
        if key is None:
            continue
        group = groups.setdefault(key, Group())
        group.add(number, time)
        if group.row["S"] <= most:
            shown.add(key)
            expected.append((key, group.row, group.time, None))
        elif key in shown:
            shown.remove(key)
            expected.append((key, None, group.time, None))
    query = f"CREATE TABLE o AS {SHOWN} GROUP BY k HAVING SUM(n) <= {most};"
    assert of_events(query, history) == expected


def windowed(history, starts_of, size, grace):
    """Yield each change of a window: key, group, bounds; what is late is left out."""
    stream_time, groups = -1, {}
    for key, number, time in history:
        stream_time = max(stream_time, time)
        for start in starts_of(time):
            if key is None or start + size + grace <= stream_time:
                continue
            group = groups.setdefault((key, start), Group())
            group.add(number, time)
            yield key, group.row, group.time, (start, start + size)


@few
@given(events, st.integers(1, 12), bounds)
def test_tumbling_windows(history, size, grace):
    """Late by the stream's time, over all keys."""
    window = f"WINDOW TUMBLING (SIZE {size} MILLISECONDS, GRACE PERIOD {grace} MILLISECONDS)"
    expected = windowed(history, lambda time: [time // size * size], size, grace)
    assert of_events(f"CREATE TABLE o AS {SHOWN} {window} GROUP BY k;", history) == list(expected)


@few
@given(events, st.integers(1, 12), st.integers(1, 12), bounds)
def test_hopping_windows(history, size, hop, grace):
    """Each event in all of its windows, the earliest first; none begins before zero."""
    hop = min(hop, size)
    window = (
        f"WINDOW HOPPING (SIZE {size} MILLISECONDS, ADVANCE BY {hop} MILLISECONDS,"
        f" GRACE PERIOD {grace} MILLISECONDS)"
    )

    def starts_of(time):
        return [start for start in range(0, time + 1, hop) if start + size > time]

    expected = list(windowed(history, starts_of, size, grace))
    assert of_events(f"CREATE TABLE o AS {SHOWN} {window} GROUP BY k;", history) == expected


@few
@given(events, st.integers(1, 8), bounds)
def test_session_windows(history, gap, grace):
    """Those that an event joins become one, and are taken back."""
    stream_time, sessions, expected = -1, [], []
    for key, _, time in history:
        stream_time = max(stream_time, time)
        if key is None:
            continue
        met = sorted(
            one
            for one in sessions
            if one[0] == key and one[1] - gap <= time <= one[2] + gap
            if one[2] + gap + grace >= stream_time
        )
        start = min([time, *(one[1] for one in met)])
        end = max([time, *(one[2] for one in met)])
        if end + gap + grace < stream_time:
            continue
        for one in met:
            sessions.remove(one)
            if one[1:3] != (start, end):
                expected.append((key, None, one[2], one[1:3]))
        count = 1 + sum(one[3] for one in met)
        sessions.append((key, start, end, count))
        expected.append((key, {"C": count}, end, (start, end)))
    window = f"WINDOW SESSION ({gap} MILLISECONDS, GRACE PERIOD {grace} MILLISECONDS)"
    query = f"CREATE TABLE o AS SELECT k, COUNT(*) AS c FROM e {window} GROUP BY k;"
    assert of_events(query, history) == expected


@few
@given(events, st.integers(1, 12), bounds)
def test_final_windows(history, size, grace):
    """Each once, when stream time has passed it; of one end in the order of their times."""
    last, stream_time = {}, max(time for _, _, time in history)
    for key, row, time, window in windowed(
        history, lambda time: [time // size * size], size, grace
    ):
        last[key, window] = (key, row, time, window)
    over = [one for one in last.values() if one[3][1] + grace <= stream_time]
    window = f"WINDOW TUMBLING (SIZE {size} MILLISECONDS, GRACE PERIOD {grace} MILLISECONDS)"
    found = of_events(f"CREATE TABLE o AS {SHOWN} {window} GROUP BY k EMIT FINAL;", history)
    assert [one[3] for one in found] == sorted(one[3] for one in found)
    assert sorted(found, key=repr) == sorted(over, key=repr)


# -- joins --------------------------------------------------------------------------------------

sides = st.lists(
    st.tuples(st.sampled_from(["left", "right"]), keys, times, numbers), min_size=1, max_size=25
)
tables = st.lists(
    st.tuples(st.sampled_from(["left", "right"]), st.sampled_from("abc"), times, numbers),
    min_size=1,
    max_size=25,
)

KINDS = {
    "stream": "STREAM {0} (k STRING KEY, n INT)",
    "table": "TABLE {0} (k STRING PRIMARY KEY, n INT)",
}


def both(left: str, right: str) -> str:
    return "".join(
        f"CREATE {KINDS[kind].format(side)} WITH (KAFKA_TOPIC='{side}', VALUE_FORMAT='JSON');"
        for side, kind in [("l", left), ("r", right)]
    )


def records(history: list[tuple]) -> list[tuple]:
    """Return the records of both sides in turn; a number that is None is a record without value."""
    return [
        (side[0], key, None if number is None else json.dumps({"N": number}), time)
        for side, key, time, number in history
    ]


KEY_OF = {"INNER": "l.k", "LEFT": "l.k", "RIGHT": "r.k", "FULL OUTER": "ROWKEY"}


def shown(how: str) -> str:
    return f"SELECT {KEY_OF[how]} AS k, l.n AS x, r.n AS y FROM l {how} JOIN r"


def row(left, right) -> dict:
    return {"X": left, "Y": right}


@few
@given(
    sides,
    bounds,
    bounds,
    st.one_of(st.none(), bounds),
    st.sampled_from(["INNER", "LEFT", "RIGHT", "FULL OUTER"]),
)
def test_streams_joined_with_streams(history, before, after, grace, how):
    """Without GRACE an event leaves alone at once, with it when its last partner would be late."""
    history = [one for one in history if one[1] is not None]
    turned = {"left": "right", "right": "left"} if how == "RIGHT" else {}
    spans = (before, after) if how == "RIGHT" else (after, before)
    kind = {"INNER": "inner", "FULL OUTER": "outer"}.get(how, "left")
    unsaid = grace is None
    task = Task(*spans, 86_400_000 if unsaid else grace, kind, "at once" if unsaid else "over")
    for side, key, time, number in history:
        task.take(turned.get(side, side), key, time, number)
    within = f"WITHIN ({before} MILLISECONDS, {after} MILLISECONDS)"
    within += "" if unsaid else f" GRACE PERIOD {grace} MILLISECONDS"
    query = f"CREATE STREAM o AS {shown(how)} {within} ON l.k = r.k;"
    assert ran(both("stream", "stream") + query, records(history)) == [
        (key, row(*((right, left) if how == "RIGHT" else (left, right))), time, None)
        for key, left, right, time in task.said
    ]


@few
@given(sides, st.sampled_from(["INNER", "LEFT"]))
def test_streams_joined_with_tables(history, how):
    """Each event meets the row that is there when it comes."""
    rows, expected = {}, []
    for side, key, time, number in history:
        if side == "right":
            rows[key] = None if key is None else number
        elif number is not None and (how == "LEFT" or rows.get(key) is not None):
            expected.append((key, row(number, rows.get(key)), time, None))
    query = f"CREATE STREAM o AS {shown(how)} ON l.k = r.k;"
    assert ran(both("stream", "table") + query, records(history)) == expected


@few
@given(tables, st.sampled_from(["INNER", "LEFT", "RIGHT", "FULL OUTER"]))
def test_tables_joined_with_tables(history, how):
    """Every change of a joined row, and one tombstone for a row that was there."""
    there = {"left": {}, "right": {}}
    needed = {"INNER": {"left", "right"}, "LEFT": {"left"}, "RIGHT": {"right"}, "FULL OUTER": set()}
    expected, joined = [], set()
    for side, key, time, number in history:
        mine, other = there[side], there["right" if side == "left" else "left"]
        mine.pop(key, None)
        if number is not None:
            mine[key] = (number, time)
        when = max(time, other.get(key, (None, -1))[1])
        present = {name for name, table in there.items() if key in table}
        if present and needed[how] <= present:
            left, right = (there[name].get(key, (None, -1)) for name in ("left", "right"))
            expected.append((key, row(left[0], right[0]), when, None))
            joined.add(key)
        elif key in joined:
            joined.remove(key)
            expected.append((key, None, when, None))
    query = f"CREATE TABLE o AS {shown(how)} ON l.k = r.k;"
    assert ran(both("table", "table") + query, records(history)) == expected


@few
@given(tables, st.sampled_from(["INNER", "LEFT"]))
def test_tables_joined_by_a_foreign_key(history, how):
    """The last row of each key is the one that both tables come to."""
    referred = {number: "abc"[number % 3] for number in range(-3, 10)}
    lefts, rights = {}, {}
    for side, key, _, number in history:
        (lefts if side == "left" else rights)[key] = number
    expected = {
        key: row(number, rights.get(referred[number]))
        for key, number in lefts.items()
        if number is not None and (how == "LEFT" or rights.get(referred[number]) is not None)
    }
    # NULL has no letter; the remainder is that of Java, below zero for numbers below zero.
    letter = "SUBSTRING('abc', (n + 3) % 3 + 1, 1)"
    assert all("abc"[(number + 3) % 3] == letter_ for number, letter_ in referred.items())
    query = (
        f"CREATE TABLE o AS SELECT l.k AS k, l.n AS x, r.n AS y FROM l {how} JOIN r"
        f" ON {letter.replace('n +', 'l.n +')} = r.k;"
    )
    found = ran(both("table", "table") + query, records(history))
    last = {key: value for key, value, _, _ in found}
    assert {key: value for key, value in last.items() if value is not None} == expected


def test_rows_whose_keys_are_structs_follow_the_row_that_they_refer_to():
    """All of them, in the order of their keys."""
    statements = (
        "CREATE TABLE l (k STRUCT<a INT, b STRING> PRIMARY KEY, n INT)"
        " WITH (KAFKA_TOPIC='l', FORMAT='JSON');"
        "CREATE TABLE r (k INT PRIMARY KEY, n INT) WITH (KAFKA_TOPIC='r', FORMAT='JSON');"
        "CREATE TABLE o AS SELECT l.k AS k, r.n AS n FROM l JOIN r ON l.n = r.k;"
    )
    lefts = [("l", json.dumps({"A": 1, "B": b}), '{"N":1}', 0) for b in [None, "y", "x"]]
    found = ran(statements, [*lefts, ("r", "1", '{"N":5}', 1), ("r", "1", None, 2)])
    keys = ['{"A":1,"B":"x"}', '{"A":1,"B":"y"}', '{"A":1,"B":null}']
    assert found == [
        *((key, {"N": 5}, 1, None) for key in keys),
        *((key, None, 2, None) for key in keys),
    ]


@few
@given(tables)
def test_tables_grouped_anew(history):
    """What a row said is taken off before what it says is added."""
    rows, groups, expected = {}, {}, []

    def change(number, by, time):
        count, total, newest = groups.get(number, (0, 0, -1))
        groups[number] = (count + by, total + by * number, max(newest, time))
        expected.append((groups[number][0], groups[number][1], groups[number][2]))

    history = [one for one in history if one[0] == "left"]
    for _, key, time, number in history:
        before = rows.pop(key, None)
        if before is not None and before != number:
            change(before, -1, time)
        if number is None:
            continue
        rows[key] = number
        if before == number:
            count, total, newest = groups[number]
            groups[number] = (count, total, max(newest, time))
            expected.append(groups[number])
        else:
            change(number, 1, time)
    query = "CREATE TABLE o AS SELECT n, COUNT(*) AS c, SUM(n) AS s FROM l GROUP BY n;"
    found = run_statements(both("table", "table") + query, records(history))
    assert [
        (json.loads(one.value)["C"], json.loads(one.value)["S"], one.timestamp) for one in found
    ] == expected


@pytest.mark.parametrize("how", ["INNER", "LEFT"])
def test_nothing_comes_of_nothing(how):
    """The references say so too."""
    assert ran(both("stream", "table") + f"CREATE STREAM o AS {shown(how)} ON l.k = r.k;", []) == []
