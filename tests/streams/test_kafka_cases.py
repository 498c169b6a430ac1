"""Small inputs with the right value, as Kafka Streams gives them: in order, with their times."""

import operator
from datetime import timedelta

import bytewax.operators as op
import pandas
import pytest
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink
from confluent_kafka import TopicPartition

from eventlab.errors import UsageError
from eventlab.flows import run
from eventlab.log import Record, produce, read
from eventlab.log.reading import reader
from eventlab.log.window_keys import WindowKey
from eventlab.streams import (
    Fold,
    Hopping,
    Session,
    Sliding,
    Table,
    TopicSink,
    TopicSource,
    Tumbling,
    join_streams,
    join_table,
    join_tables,
    join_tables_by,
    watermarked,
    windowed,
)
from tests.streams.flowing import MS, SECOND, events, flowed, joins, keyed, windows
from tests.streams.histories import NOON
from tests.waiting import until

COUNT = Fold(int, lambda number, _: number + 1, operator.add)


def counted(kind, rows, part="windows", batch_size=1, **options):
    """Return what windows count of rows, or what comes late for them."""
    return flowed(
        lambda flow: getattr(
            windowed("count", keyed("in", flow, events(*rows), batch_size), kind, COUNT, **options),
            part,
        )
    )


def test_a_sliding_window_holds_the_event_that_ends_it():
    """Both bounds belong to it (KAFKA-13739)."""
    rows = [("a", 100_000, 1)]
    assert windows(counted(Sliding(10 * SECOND), rows)) == [("a", 90_000, 100_000, 1, 100_000)]
    assert counted(Sliding(10 * SECOND), rows, "late") == []


def test_a_sliding_window_is_open_until_stream_time_has_passed_its_end_and_grace():
    """At its end and grace exactly it still takes an event."""
    rows = [("a", 10, 1), ("b", 15, 1), ("a", 10, 1)]
    found = windows(counted(Sliding(10 * MS), rows, grace=5 * MS))
    assert found == [("a", 0, 10, 1, 10), ("b", 5, 15, 1, 15), ("a", 0, 10, 2, 10)]
    assert counted(Sliding(10 * MS), rows, "late", grace=5 * MS) == []
    assert len(counted(Sliding(10 * MS), rows, "late", grace=4 * MS)) == 1


def test_events_in_order_are_never_late_for_sliding_windows():
    """Whatever the grace; final windows hold them all."""
    rows = [("a", time, 1) for time in range(0, 100, 7)]
    assert counted(Sliding(10 * MS), rows, "late") == []
    final = windows(counted(Sliding(10 * MS), rows, emit="final"))
    assert [end for _, _, end, *_ in final] == sorted(end for _, _, end, *_ in final)
    assert {("a", time - 10, time, 2, time) for time in range(14, 99, 7)} <= set(final)


def test_no_window_begins_before_1970():
    """Events of its first moments share the first window, which changes last (KIP-450)."""
    assert windows(counted(Sliding(10 * MS), [("a", 5, 1), ("a", 8, 1)])) == [
        ("a", 0, 10, 1, 5),
        ("a", 6, 16, 1, 8),
        ("a", 0, 10, 2, 8),
    ]
    hopping = Hopping(10 * MS, 5 * MS)
    assert windows(counted(hopping, [("a", 3, 1)])) == [("a", 0, 10, 1, 3)]


@pytest.mark.parametrize(
    "kind", [Tumbling(SECOND), Hopping(SECOND, SECOND), Sliding(SECOND), Session(SECOND)], ids=repr
)
@pytest.mark.parametrize("emit", ["changes", "final"])
def test_what_has_no_key_or_no_value_belongs_to_no_window(kind, emit):
    """Kafka ignores such records in aggregations; they move stream time all the same."""
    read_value = Fold(int, lambda total, arrival: total + arrival.event["n"], operator.add)
    rows = [("a", 1000, {"n": 2}), ("a", 1100, None), (None, 1200, {"n": 5}), ("a", 9000, None)]
    found = flowed(
        lambda flow: (
            windowed("sum", keyed("in", flow, events(*rows)), kind, read_value, emit=emit).windows
        )
    )
    assert [(key, window.value) for key, window in found] == [("a", 2)]


def test_windows_leave_in_the_order_of_their_events():
    """Not in that of the keys, so a flow behind loses nothing."""
    rows = [("a", 1, 1), ("b", 1000, 1), ("a", 2000, 1), ("b", 3000, 1)]
    found = windows(counted(Tumbling(SECOND), rows, batch_size=1000))
    assert [(key, time) for key, _, _, _, time in found] == [
        ("a", 1),
        ("b", 1000),
        ("a", 2000),
        ("b", 3000),
    ]


def tables(left, right, how):
    """Return what a join of tables gives, its sides read in the order of their times."""
    rows = sorted(
        [(time, "left", key, event) for key, time, event in left]
        + [(time, "right", key, event) for key, time, event in right]
    )
    sides = [events((key, time, event), topic=side)[0] for time, side, key, event in rows]

    def build(flow):
        both = keyed("in", flow, sides)
        chosen = op.branch("sides", both, lambda pair: pair[1].topic == "left")
        return join_tables("join", chosen.trues, chosen.falses, how=how)

    return joins(flowed(build))


def test_a_tombstone_has_the_time_of_the_deletion():
    """Never that of writing."""
    assert tables([("a", 1, 1), ("a", 2, None), ("b", 3, 1)], [], "left") == [
        ("a", 1, None, 1),
        ("a", None, 2),
        ("b", 1, None, 3),
    ]


def test_a_row_whose_other_side_was_deleted_has_the_time_of_the_deletion():
    """The later one of the change that made it, and of the row that it met."""
    assert tables([("a", 9, "L")], [("a", 10, "R"), ("a", 11, None)], "left")[-1] == (
        "a",
        "L",
        None,
        11,
    )
    assert tables([("a", 5, "L"), ("a", 7, None)], [("a", 6, "R")], "outer")[-1] == (
        "a",
        None,
        "R",
        7,
    )


def referred(left, right, how, foreign_key=lambda event: event["to"]):
    """Return what a join by a foreign key gives, its rows read in the order that they have here."""
    order = [(place, "left", row) for place, row in left] + [
        (place, "right", row) for place, row in right
    ]
    sides = [events(row, topic=side)[0] for _, side, row in sorted(order, key=lambda one: one[0])]

    def build(flow):
        chosen = op.branch("sides", keyed("in", flow, sides), lambda pair: pair[1].topic == "left")
        return join_tables_by("join", chosen.trues, chosen.falses, foreign_key, how=how)

    return joins(flowed(build))


TO_R = {"to": "r"}


@pytest.mark.parametrize("how", ["inner", "left"])
def test_a_change_of_the_right_row_has_its_own_time(how):
    """Not that of the left row, though it be later (ForeignTableJoinProcessorSupplier)."""
    found = referred([(1, ("l", 9, TO_R))], [(2, ("r", 3, "X")), (3, ("r", 5, None))], how)
    gone = ("l", None, 5) if how == "inner" else ("l", TO_R, None, 5)
    assert found[-2:] == [("l", TO_R, "X", 3), gone]


def test_left_rows_that_refer_to_one_leave_in_the_order_of_their_keys():
    """Whatever the order in which they came, and after a crash alike."""
    left = [(1, ("b", 1, TO_R)), (2, ("a", 2, TO_R)), (3, ("b", 3, TO_R))]
    found = referred(left, [(4, ("r", 4, "X"))], "inner")
    assert found == [("a", TO_R, "X", 4), ("b", TO_R, "X", 4)]


@pytest.mark.parametrize(
    ("how", "change", "expected"),
    [
        ("inner", None, ("l", None, 20)),
        ("inner", {"to": None}, ("l", None, 20)),
        ("inner", {"to": "other"}, ("l", None, 6)),
        ("left", None, ("l", None, 6)),
        ("left", {"to": None}, ("l", {"to": None}, None, 6)),
    ],
)
def test_a_left_row_that_refers_no_more_has_the_time_of_who_tells_of_it(how, change, expected):
    """In an inner join the row that it referred to, whose own time counts too; else itself."""
    left = [(2, ("l", 5, TO_R)), (3, ("l", 6, change))]
    assert referred(left, [(1, ("r", 20, "X"))], how)[-1] == expected


def test_a_right_tombstone_lets_left_rows_leave_again_in_a_left_join():
    """Also where no right row was."""
    found = referred([(1, ("l", 1, TO_R))], [(2, ("r", 5, None))], "left")
    assert found == [("l", TO_R, None, 1), ("l", TO_R, None, 5)]


def test_a_foreign_key_can_come_from_the_left_key():
    """KIP-1104."""
    sides = [events(("c", 3, "ann"), topic="right")[0], events(("c-1", 5, {"n": 1}))[0]]

    def build(flow):
        chosen = op.branch("sides", keyed("in", flow, sides), lambda pair: pair[1].topic == "t")
        return join_tables_by(
            "join", chosen.trues, chosen.falses, lambda key, _: key.split("-")[0], with_key=True
        )

    assert joins(flowed(build)) == [("c-1", {"n": 1}, "ann", 5)]


@pytest.mark.broker
@pytest.mark.parametrize("is_watermarked", [False, True], ids=["plain", "watermarked"])
def test_an_unmatched_event_does_not_wait_for_ever_for_a_silent_side(new_topic, is_watermarked):
    """The right topic is empty: once it was idle, the left one's own time says what is over."""
    left, right, out = new_topic(), new_topic(), new_topic()
    flow = Dataflow("lonely")
    sides = []
    for name, topic in {"left": left, "right": right}.items():
        arriving = op.input(name, flow, TopicSource(topic))
        if is_watermarked:
            arriving = watermarked(f"{name}_stamped", arriving)
        sides.append(op.key_on(f"{name}_key", arriving, lambda one: one.key))
    idle = 50 * MS
    joined = join_streams("join", *sides, within=SECOND, how="left", idle=idle).joined
    op.output("out", joined, TopicSink(out))
    running = run(flow)
    try:
        produce(left, [Record("a", b"1", 1), Record("b", b"1", 5000)]).require_all()
        until(lambda: read(out).events.get("key", pandas.Series()).tolist() == ["a"])
        produce(left, [Record("c", b"1", 10_000)]).require_all()
        until(lambda: read(out).events["key"].tolist() == ["a", "b"])
    finally:
        running.stop(close_windows=True)
    assert read(out).events["left_time"].tolist() == [1, 5000, 10_000]


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("inner", []),
        ("left", [(None, 1, None, 5)]),
        ("outer", [(None, 1, None, 5), (None, None, 2, 6)]),
    ],
)
def test_null_keys_are_let_through_by_outer_joins_of_streams(how, expected):
    """KIP-962: they have no partner, and are not lost where lonely events are wanted."""

    def build(flow):
        left = keyed("left", flow, events((None, 5, 1), topic="left"))
        right = keyed("right", flow, events((None, 6, 2), topic="right"))
        return join_streams("join", left, right, within=SECOND, how=how).joined

    assert joins(flowed(build)) == expected


@pytest.mark.parametrize(("how", "expected"), [("inner", []), ("left", [(None, 1, None, 5)])])
def test_null_keys_are_let_through_by_a_left_join_with_a_table(how, expected):
    """KIP-962 too."""

    def build(flow):
        stream = keyed("stream", flow, events((None, 5, 1)))
        table = keyed("table", flow, events((None, 1, "row"), topic="table"))
        return join_table("join", stream, table, how=how).joined

    assert joins(flowed(build)) == expected


@pytest.mark.broker
def test_windows_in_a_topic_keep_their_windows(new_topic):
    """Sessions of one key are rows of their own; a merged one is a tombstone on the wire."""
    source, out = new_topic(), new_topic(3)
    times = [0, 10_000, 20_000, 24_000, 22_000]
    produce(source, [Record("a", b"1", NOON + time) for time in times]).require_all()
    flow = Dataflow("sessions")
    arriving = op.input("in", flow, TopicSource(source, bounded=True))
    by_key = op.key_on("key", arriving, lambda one: one.key)
    patience = timedelta(minutes=5)
    counted = windowed("count", by_key, Session(3 * SECOND), COUNT, grace=patience)
    op.output("out", counted.windows, TopicSink(out))
    run(flow).wait(30)
    with Table(out) as table:
        rows = table.catch_up().rows()
    assert {key: row["value"] for key, row in rows.items()} == {
        str(WindowKey("a", NOON, NOON)): 1,
        str(WindowKey("a", NOON + 10_000, NOON + 10_000)): 1,
        str(WindowKey("a", NOON + 20_000, NOON + 24_000)): 3,
    }
    events = read(out).events
    assert events["key"].tolist() == ["a"] * 7
    taken_back = events[events["value"].isna()]
    assert (taken_back["start"] - NOON).tolist() == [20_000, 24_000]
    assert events["partition"].nunique() == 1
    raw = reader(out.cluster)
    raw.assign([TopicPartition(out.name, int(events["partition"].iloc[0]), 0)])
    values = [message.value() for message in raw.consume(7, timeout=10)]
    raw.close()
    assert values.count(None) == 2


@pytest.mark.broker
def test_a_flow_reads_windows_by_their_key(new_topic):
    """The key is the key again, and the window stands beside it."""
    topic, copy = new_topic(), new_topic()
    named = WindowKey("a", NOON, NOON + 1000)
    produce(topic, [Record(str(named), b"5", NOON)]).require_all()
    found = []
    flow = Dataflow("reading")
    arriving = op.input("in", flow, TopicSource(topic, bounded=True))
    op.output("copy", arriving, TopicSink(copy))
    op.output("out", arriving, TestingSink(found))
    run(flow).wait(30)
    assert [(one.key, one.window) for one in found] == [("a", (NOON, NOON + 1000))]
    with Table(copy) as table:
        assert list(table.catch_up().rows()) == [str(named)]


def test_lonely_events_of_one_time_leave_right_before_left():
    """As Kafka's store of outer joins has them: by time, side and key."""

    def build(flow):
        left = keyed("left", flow, events(("0", 0, "A0"), topic="left"))
        right = keyed("right", flow, events(("1", 0, "a1"), topic="right"))
        return join_streams("join", left, right, within=SECOND, how="outer").joined

    assert joins(flowed(build)) == [("1", None, "a1", 0), ("0", "A0", None, 0)]


@pytest.mark.parametrize(
    ("within", "before", "met"), [(100, -50, [1060, 1100]), (-50, 100, [900, 940])]
)
def test_a_window_may_lie_wholly_on_one_side(within, before, met):
    """A bound below zero, as JoinWindows allows it; two that cross are refused."""
    times = [899, 900, 940, 1000, 1060, 1100, 1101]

    def build(flow):
        right = keyed("right", flow, events(*(("k", at, at) for at in times), topic="right"))
        left = keyed("left", flow, events(("k", 1000, "l"), topic="left"))
        options = {"within": within * MS, "before": before * MS, "grace": SECOND}
        return join_streams("join", left, right, **options).joined

    assert sorted(right for _, _, right, _ in joins(flowed(build))) == met
    with pytest.raises(UsageError, match="a window that ends no earlier than it begins"):
        flowed(lambda flow: join_streams("j", *pair_of(flow), within=-MS).joined)


def pair_of(flow):
    return keyed("left", flow, []), keyed("right", flow, [])


WORDS = Fold(str, lambda so_far, event: so_far + str(event.event), operator.add)
DELETES = Fold(
    int,
    lambda number, event: None if event.event == "delete" else number + event.event,
    operator.add,
)


def folded(kind, rows, fold=WORDS, **options):
    """Return what windows make of rows, whose keys and values matter: key, bounds, value, time."""
    return windows(
        flowed(
            lambda flow: (
                windowed("fold", keyed("in", flow, events(*rows)), kind, fold, **options).windows
            )
        )
    )


def test_hopping_windows_of_one_event_leave_the_earliest_first():
    """KStreamWindowAggregateTest.testAggBasic."""
    found = folded(Hopping(10 * MS, 5 * MS), [("A", 0, 1), ("A", 5, 2)])
    assert found == [("A", 0, 10, "1", 0), ("A", 0, 10, "12", 5), ("A", 5, 15, "2", 5)]


def test_sliding_windows_of_one_event_leave_as_they_are_made():
    """Those that are there from the latest on, then that of the event before, then its own."""
    assert folded(Sliding(10 * MS), [("a", 100, 1), ("a", 105, 2)]) == [
        ("a", 90, 100, "1", 100),
        ("a", 101, 111, "2", 105),
        ("a", 95, 105, "12", 105),
    ]


def test_sliding_windows_fold_events_in_the_order_in_which_they_came():
    """KStreamSlidingWindowAggregateTest, its first case."""
    rows = [("A", 10, 1), ("A", 20, 2), ("A", 22, 3), ("A", 15, 4)]
    last = {
        (start, end): value
        for _, start, end, value, _ in folded(Sliding(10 * MS), rows, grace=50 * MS)
    }
    assert (last[10, 20], last[11, 21], last[12, 22]) == ("124", "24", "234")


def test_an_event_whose_own_window_was_closed_counts_only_in_those_that_were_there():
    """Kafka Streams keeps windows, and no events."""
    rows = [("B", 25, 5), ("C", 11, 1), ("C", 15, 2)]
    final = folded(Sliding(10 * MS), rows, grace=10 * MS, emit="final")
    assert [one for one in final if one[0] == "C"] == [("C", 5, 15, "2", 15)]
    rows = [("a", 55, 1), ("a", 62, 2), ("a", 52, 3), ("a", 57, 4)]
    found = folded(Sliding(5 * MS), rows, grace=5 * MS)
    assert [one for one in found if one[1:3] == (52, 57)][-1] == ("a", 52, 57, "14", 57)


def test_sessions_that_are_joined_are_taken_back_in_the_order_of_their_ends():
    """As Kafka's store finds them, and merged in that order too."""
    found = folded(Session(5 * MS), [("a", 8, "x"), ("a", 0, "y"), ("a", 4, "z")], grace=SECOND)
    assert found[2:] == [
        ("a", 0, 0, None, 0),
        ("a", 8, 8, None, 8),
        ("a", 0, 8, "yxz", 8),
    ]


@pytest.mark.parametrize("kind", [Tumbling(10 * MS), Session(5 * MS), Sliding(10 * MS)], ids=repr)
def test_a_fold_that_gives_none_deletes_its_window(kind):
    """The next event begins anew; a final window that is no more does not come."""
    rows = [("a", 15, 1), ("a", 16, "delete"), ("a", 17, 5), ("b", 60, 1)]
    assert folded(kind, rows, DELETES)[-2][3] == 5
    gone = folded(kind, [("a", 15, "delete"), ("z", 50, 1)], DELETES, emit="final")
    assert [one[0] for one in gone] == ["z"]
