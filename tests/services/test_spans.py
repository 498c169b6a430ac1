import statistics
from datetime import UTC, datetime, timedelta

import msgspec
import pandas
import pytest

from eventlab.errors import LogError, UsageError
from eventlab.log import produce
from eventlab.services.span import Publication, Span
from eventlab.services.span_sink import SpanSink
from eventlab.services.spans import (
    COLUMNS,
    availability,
    calls,
    latency,
    read_spans,
    spans_frame,
    story,
)
from eventlab.services.tracing import Tracer
from tests.services.made_spans import Made, Shop

EMPTY = spans_frame([])


def rows(frame: pandas.DataFrame, *columns: str) -> list[tuple]:
    """Return some columns of a frame, row by row."""
    return list(frame[list(columns)].itertuples(index=False, name=None))


# -- reading --------------------------------------------------------------------------------------


def test_spans_are_in_the_order_of_their_time_and_each_is_there_once():
    """A producer that was not answered writes its batch again."""
    made = Made()
    made.add("a", "server", 2_500_000)
    made.add("a", "server", 1_000_000)
    frame = spans_frame([*made.spans, *made.spans])
    assert tuple(frame.columns) == COLUMNS
    assert list(frame["span_id"]) == ["s1", "s0"]
    assert list(frame["at"]) == [
        datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC),
        datetime(1970, 1, 1, 0, 0, 2, 500_000, tzinfo=UTC),
    ]
    assert frame["parent_id"].tolist() == [None, None]


@pytest.mark.broker
def test_what_a_sink_has_written_is_read_back(new_topic):
    """Every field of every span."""
    topic = new_topic()
    made = Shop(seed=1)
    sink = SpanSink(topic)
    sink.start()
    for span in made.spans:
        sink(span)
    assert sink.flush(30)
    sink.stop()
    pandas.testing.assert_frame_equal(read_spans(topic), spans_frame(made.spans))


class Message:
    """A message of an order, as a consumer gives it."""

    def __init__(self, number: int) -> None:
        self._number = number

    def topic(self) -> str:
        """Return its topic."""
        return "orders"

    def headers(self) -> None:
        """Return no headers."""

    def key(self) -> bytes:
        """Return the order's id."""
        return b"o-%d" % self._number


def published(spans) -> list[Span]:
    """Keep each producer in its parent, as a tracer does; those without one stay as they are."""
    by_id = {span.span_id: msgspec.structs.replace(span, published=[]) for span in spans}
    for span in spans:
        if span.kind == "producer" and span.parent_id is not None:
            kept = Publication(span.span_id, span.peer, span.key, span.start_us)
            by_id[span.parent_id].published.append(kept)
            del by_id[span.span_id]
    return list(by_id.values())


def test_it_is_the_same_whether_a_span_is_kept_in_its_parent_or_not():
    """Rows, edges and latencies."""
    made = Shop(seed=5)
    for span in made.spans:
        if span.kind == "producer":
            span.name = f"{span.peer} publish"
            span.duration_us = 0
    kept = published(made.spans)
    assert len(kept) < len(made.spans)
    order = ["trace_id", "span_id"]
    found = spans_frame(kept).sort_values(order, ignore_index=True)
    expected = spans_frame(made.spans).sort_values(order, ignore_index=True)
    pandas.testing.assert_frame_equal(found, expected)
    pandas.testing.assert_frame_equal(calls(found), calls(expected))


@pytest.mark.broker
def test_what_is_kept_in_a_span_is_read_back_as_spans(new_topic):
    """As a tracer gives them, and a sink writes them."""
    topic = new_topic()
    sink = SpanSink(topic)
    sink.start()
    given: list[Span] = []

    def both(span: Span) -> None:
        given.append(span)
        sink(span)

    tracer = Tracer("mail", both)
    for number in range(3):
        with tracer.consuming(Message(number)):
            tracer.offering("letters", f"o-{number}")
    assert sink.flush(30)
    sink.stop()
    found = read_spans(topic)
    pandas.testing.assert_frame_equal(found, spans_frame(given))
    assert sorted(found["name"]) == 3 * ["letters publish"] + 3 * ["orders process"]


@pytest.mark.broker
def test_a_topic_without_spans_is_an_empty_frame(new_topic):
    """With the columns that the others need."""
    frame = read_spans(new_topic())
    assert (len(frame), tuple(frame.columns)) == (0, COLUMNS)


@pytest.mark.broker
@pytest.mark.parametrize("value", [b"nonsense", b"3", b'{"cents": 3}', b'[{"span_id": "1"}]'])
def test_a_record_that_holds_no_spans_is_named(new_topic, value):
    """By its offset."""
    topic = new_topic()
    produce(topic, [(None, b"[]"), (None, value)])
    with pytest.raises(LogError, match=r"holds no spans.*offset 1 of partition 0"):
        read_spans(topic)


# -- latency, availability ------------------------------------------------------------------------


def test_latency_is_that_of_what_services_serve_and_process():
    """Percentiles by another way: the standard library's."""
    made = Shop(seed=2)
    found = latency(spans_frame(made.spans))
    expected = []
    for service in sorted({span.service for span in made.spans}):
        for kind in ("consumer", "server"):
            took = [
                span.duration_us / 1000
                for span in made.spans
                if (span.service, span.kind) == (service, kind)
            ]
            if took:
                cuts = statistics.quantiles(took, n=100, method="inclusive")
                expected.append((service, f"{service} {kind}", kind, len(took)))
                row = found[(found["service"] == service) & (found["kind"] == kind)].iloc[0]
                assert [
                    row["p50_ms"],
                    row["p95_ms"],
                    row["p99_ms"],
                    row["max_ms"],
                ] == pytest.approx([cuts[49], cuts[94], cuts[98], max(took)])
    assert rows(found, "service", "name", "kind", "count") == expected


def test_availability_is_what_callers_see():
    """Against the shop's own record; who is down has no span of its own that says so."""
    made = Shop(seed=3)
    did = [row for row in made.did if row["kind"] != "topic"]
    expected = []
    for service in sorted({row["to"] for row in did}):
        to = [row["error"] for row in did if row["to"] == service]
        expected.append((service, len(to), sum(to), 1 - sum(to) / len(to)))
    found = availability(spans_frame(made.spans))
    assert rows(found, "service", "calls", "errors") == [row[:3] for row in expected]
    assert found["availability"].tolist() == pytest.approx([row[3] for row in expected])


def test_availability_by_stretches_of_time():
    """A call counts where it begins; a stretch without calls has no row."""
    made = Made()
    for start, status in [(0, "ok"), (900_000, "error"), (1_000_000, "ok"), (5_100_000, "error")]:
        made.add("shop", "server", start, 200_000, status=status)
    found = availability(spans_frame(made.spans), every=timedelta(seconds=1))
    seconds = [at.timestamp() for at in found["at"]]
    assert seconds == [0, 1, 5]
    assert rows(found, "service", "calls", "errors", "availability") == [
        ("shop", 2, 1, 0.5),
        ("shop", 1, 0, 1.0),
        ("shop", 1, 1, 0.0),
    ]


# -- edges ----------------------------------------------------------------------------------------


def test_the_edges_of_a_shop_are_those_it_recorded():
    """Calls and deliveries, errors, unanswered ones, latencies."""
    made = Shop(seed=4)
    frame = spans_frame(made.spans)
    did = pandas.DataFrame([row for row in made.did if row["kind"] != "outside"])
    did["down"] = did["down"].fillna(False).astype(bool)
    expected = did.pivot_table(
        index=["to", "kind"],
        aggfunc={"error": "sum", "down": "sum", "us": ["count", "median"]},
    )
    found = calls(frame)
    assert set(found["caller"]) == {"shop"}
    assert len(found) == len(expected) == 5
    seconds = (frame["at"] + pandas.to_timedelta(frame["duration_us"], unit="us")).max()
    seconds = (seconds - frame["at"].min()).total_seconds()
    for row in found.to_dict("records"):
        one = expected.loc[(row["callee"], row["kind"])]
        assert row["count"] == one[("us", "count")]
        assert row["errors"] == one[("error", "sum")]
        assert row["unanswered"] == one[("down", "sum")]
        assert row["p50_ms"] == pytest.approx(one[("us", "median")] / 1000)
        assert row["rate_per_second"] == pytest.approx(row["count"] / seconds)
        assert row["topic"] == ("orders" if row["kind"] == "topic" else "")


def test_who_only_shares_a_topic_is_no_caller():
    """A call and a topic between the same two are two edges."""
    made = Made()
    server = made.add("shop", "server", 0, 100)
    call = made.add("shop", "client", 10, 40, parent=server, peer="stock")
    made.add("stock", "server", 20, 20, parent=call)
    publishing = made.add("shop", "producer", 60, 10, parent=server, peer="orders")
    made.add("stock", "consumer", 1070, 5, parent=publishing, peer="orders")
    found = calls(spans_frame(made.spans))
    assert rows(found, "caller", "callee", "kind", "topic", "p50_ms") == [
        ("shop", "stock", "call", "", 0.04),
        ("shop", "stock", "topic", "orders", 1.0),
    ]


def test_a_call_that_nobody_answered_is_an_edge_with_an_error():
    """Its callee is who was addressed, though it has no span anywhere."""
    made = Made()
    made.add("shop", "client", 0, 500, peer="stock", status="error", words="TimeoutError")
    found = calls(spans_frame(made.spans))
    assert rows(found, "caller", "callee", "kind", "errors", "unanswered", "count") == [
        ("shop", "stock", "call", 1, 1, 1)
    ]


def test_a_call_to_who_has_no_tracer_is_no_error():
    """It was answered: the caller says so."""
    made = Made()
    made.add("shop", "client", 0, 500, peer="bank")
    found = calls(spans_frame(made.spans))
    assert rows(found, "callee", "errors", "unanswered") == [("bank", 0, 0)]


def test_a_consumer_may_begin_before_its_producer_has_ended():
    """It has waited for nothing."""
    made = Made()
    publishing = made.add("shop", "producer", 0, 100, peer="orders")
    made.add("mail", "consumer", 50, 5, parent=publishing, peer="orders")
    frame = spans_frame(made.spans)
    assert calls(frame)["p50_ms"].tolist() == [0.0]
    made.spans[0].key = "o-1"
    assert [row["what"] for row in story(spans_frame(made.spans), "o-1")] == ["span", "span"]


def test_ids_count_within_their_trace():
    """The same id of a span in another trace is another span."""
    made = Made()
    one = made.add("shop", "client", 0, peer="stock", status="error")
    made.add("bank", "server", 0)
    made.spans[1].parent_id = one.span_id
    assert rows(calls(spans_frame(made.spans)), "callee", "unanswered") == [("stock", 1)]


# -- the story ------------------------------------------------------------------------------------


def test_the_story_of_an_order_has_its_gaps():
    """Spans by their services, and between producer and consumer what lay in the topic."""
    made = Made()
    server = made.add("shop", "server", 5_000, 3_000, key="o-1")
    publishing = made.add("shop", "producer", 6_000, 500, parent=server, peer="orders")
    made.add("mail", "consumer", 9_500, 1_000, parent=publishing, peer="orders")
    made.add("stock", "consumer", 16_500, 2_000, parent=publishing, peer="orders", status="error")
    made.add("shop", "server", 5_500, key="o-2")
    found = pandas.DataFrame(story(spans_frame(made.spans), "o-1"))
    assert rows(found, "what", "lane", "begin_ms", "end_ms", "status") == [
        ("span", "shop", 0.0, 3.0, "ok"),
        ("span", "shop", 1.0, 1.5, "ok"),
        ("gap", "orders", 1.5, 4.5, "ok"),
        ("gap", "orders", 1.5, 11.5, "ok"),
        ("span", "mail", 4.5, 5.5, "ok"),
        ("span", "stock", 11.5, 13.5, "error"),
    ]
    assert found["name"][2:4].tolist() == ["waits for mail", "waits for stock"]


def test_a_story_has_every_trace_of_its_key():
    """Two requests about one order, an hour apart."""
    made = Made()
    one = made.add("shop", "server", 0, key="o-1")
    made.add("stock", "client", 5, parent=one, peer="post")
    made.add("shop", "server", 3_600_000_000, key="o-1")
    found = story(spans_frame(made.spans), "o-1")
    assert [row["begin_ms"] for row in found] == [0.0, 0.005, 3_600_000.0]


def test_a_key_that_no_span_has_has_no_story():
    """It may only not have been written yet."""
    assert story(spans_frame(Shop(seed=1).spans), "o-999") == []


# -- nothing, and what is none --------------------------------------------------------------------


@pytest.mark.parametrize("of", [latency, availability, calls])
def test_of_no_spans_there_are_no_rows(of):
    """The columns are there."""
    frame = of(EMPTY)
    assert len(frame) == 0
    assert len(frame.columns) > 3


def test_of_no_spans_there_is_no_story():
    """Nor of one span's time a rate."""
    assert story(EMPTY, "o-1") == []
    made = Made()
    made.add("shop", "client", 0, 0, peer="stock")
    assert calls(spans_frame(made.spans))["rate_per_second"].isna().all()


@pytest.mark.parametrize("of", [latency, availability, calls, lambda spans: story(spans, "o-1")])
@pytest.mark.parametrize("wrong", [None, [], pandas.DataFrame({"a": [1]})])
def test_what_is_no_frame_of_spans_is_refused(of, wrong):
    """With one clear error."""
    with pytest.raises(UsageError, match=r"read_spans|spans="):
        of(wrong)


@pytest.mark.parametrize("wrong", [None, "spans", [None], [{"span_id": "1"}], EMPTY])
def test_a_frame_is_made_of_spans_alone(wrong):
    """With one clear error."""
    with pytest.raises(UsageError, match="argument spans is not valid"):
        spans_frame(wrong)


@pytest.mark.parametrize("every", [timedelta(0), timedelta(seconds=-1), 5])
def test_a_stretch_has_a_length(every):
    """In a timedelta."""
    with pytest.raises(UsageError, match="every"):
        availability(EMPTY, every=every)
