import threading

import pytest

from eventlab.errors import EventlabError, UsageError
from eventlab.log import Cluster, Topic, read
from eventlab.services import span_sink
from eventlab.services.span import Span
from eventlab.services.span_sink import SpanSink
from eventlab.services.spans import read_spans
from eventlab.services.tracing import Tracer
from tests.waiting import until

# Nobody listens there.
NOWHERE = Topic(Cluster({"bootstrap.servers": "127.0.0.1:1"}), "spans")


def span(number: int, name: str = "a") -> Span:
    """Return some span."""
    return Span(f"{number:032x}", f"{number:016x}", "shop", name, "server", number)


@pytest.fixture
def sinks():
    """Return what makes a sink; each is stopped at the end."""
    made = []

    def make(topic: Topic, **options) -> SpanSink:
        made.append(SpanSink(topic, **options))
        made[-1].start()
        return made[-1]

    yield make
    for sink in made:
        sink.stop(0)


@pytest.mark.broker
def test_spans_are_written_without_being_asked(new_topic, sinks):
    """By a thread, in lists, of which a thousand spans need few."""
    topic = new_topic()
    sink = sinks(topic)
    for number in range(1_200):
        sink(span(number))
    until(lambda: sink.written == 1_200)
    assert (sink.waiting, sink.dropped) == (0, 0)
    assert sorted(read_spans(topic)["start_us"]) == list(range(1_200))
    assert len(read(topic).events) < 20


@pytest.mark.broker
def test_a_full_list_waits_for_no_clock(new_topic, sinks, monkeypatch):
    """What is less than one waits for it, or until somebody asks."""
    monkeypatch.setattr(span_sink, "_EVERY_SECONDS", 3_600)
    topic = new_topic()
    sink = sinks(topic)
    for number in range(500):
        sink(span(number))
    until(lambda: len(read_spans(topic)) == 500)
    sink(span(500))
    assert sink.waiting
    assert sink.flush(30)
    assert (sink.written, sink.waiting) == (501, 0)


@pytest.mark.broker
def test_what_waits_is_written_when_it_is_stopped(new_topic, sinks):
    """Twice stopped is once."""
    topic = new_topic()
    sink = sinks(topic)
    sink(span(1))
    sink.stop(30)
    sink.stop()
    assert (sink.written, sink.waiting, len(read_spans(topic))) == (1, 0, 1)


@pytest.mark.broker
def test_no_span_is_lost_between_threads(new_topic, sinks):
    """Eight give spans while they are written, and flush them too."""
    topic = new_topic()
    sink = sinks(topic)

    def give(first: int) -> None:
        for number in range(first, first + 1_000):
            sink(span(number))
            if number % 100 == 0:
                sink.flush(0)

    threads = [threading.Thread(target=give, args=(n * 1_000,)) for n in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sink.flush(30)
    assert sink.written == 8_000
    assert sorted(read_spans(topic)["start_us"]) == list(range(8_000))


@pytest.mark.broker
def test_what_cannot_be_written_is_dropped_alone(new_topic, sinks):
    """Half a character in a name is no reason to lose the others."""
    topic = new_topic()
    sink = sinks(topic)
    for number, name in enumerate(["a", "\ud800", "c"]):
        sink(span(number, name))
    assert sink.flush(30)
    assert (sink.written, sink.dropped) == (2, 1)
    assert list(read_spans(topic)["name"]) == ["a", "c"]


def test_with_the_broker_away_so_many_are_kept_and_the_rest_is_counted(sinks):
    """The service goes on."""
    sink = sinks(NOWHERE, at_most=10)
    tracer = Tracer("shop", sink)
    for _ in range(25):
        with tracer.client("a", "b"):
            pass
    assert not sink.flush(0)
    assert (sink.waiting, sink.written, sink.dropped) == (10, 0, 15)
    sink.stop(0)
    assert (sink.waiting, sink.written, sink.dropped) == (0, 0, 25)


def test_what_the_broker_never_took_is_dropped_in_the_end(sinks):
    """And there is room again."""
    sink = sinks(NOWHERE, at_most=10, settings={"message.timeout.ms": 1})
    for number in range(10):
        sink(span(number))
    until(lambda: sink.dropped == 10)
    sink(span(11))
    assert sink.waiting + sink.dropped == 11


def test_before_it_is_started_it_keeps(sinks):
    """A constructor starts nothing, and stopped it drops what nobody wrote."""
    sink = SpanSink(NOWHERE)
    sink(span(1))
    assert (sink.waiting, sink.flush(0)) == (1, False)
    sink.stop()
    assert (sink.waiting, sink.dropped) == (0, 1)


def test_a_wrong_argument_is_refused():
    """With one clear error each."""
    for wrong in ({"at_most": 0}, {"at_most": -1}, {"at_most": None}, {"settings": 3}):
        with pytest.raises(UsageError):
            SpanSink(NOWHERE, **wrong)
    with pytest.raises(UsageError):
        SpanSink("spans")
    with pytest.raises(EventlabError, match=r"no\.such"):
        SpanSink(NOWHERE, settings={"no.such": 1}).start()
