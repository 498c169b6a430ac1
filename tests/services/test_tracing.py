import asyncio
import os

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from eventlab.errors import UsageError
from eventlab.services.span import Span, each_span
from eventlab.services.spans import spans_frame
from eventlab.services.traceparent import read_traceparent
from eventlab.services.tracing import Tracer
from tests import looping

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
VALID = f"00-{TRACE}-{PARENT}-01"


class Message:
    """A message as a consumer gives it."""

    def __init__(self, headers=None, key: bytes | None = b"o-1") -> None:
        self._headers = headers
        self._key = key

    def topic(self) -> str:
        return "orders"

    def headers(self):
        return self._headers

    def key(self) -> bytes | None:
        return self._key


@pytest.fixture
def spans() -> list[Span]:
    """Return where the finished spans are."""
    return []


@pytest.fixture
def tracer(spans) -> Tracer:
    """Return a tracer whose clock goes on by a millisecond with every look at it."""
    return Tracer("orders", spans.append, clock=clock())


def clock():
    """Return a clock that goes on by a millisecond with every look at it."""
    looks = iter(range(10**6))
    return lambda: next(looks) * 1_000_000


def answer(tracer, path="/orders/o-1", headers=(), routes=()):
    """Let a traced application answer one request; return its status."""
    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "root_path": "",
        "query_string": b"",
        "headers": list(headers),
    }
    app = tracer.asgi(Starlette(routes=list(routes)))
    looping.run(app(scope, receive, send))
    return sent[0]["status"]


def route(handle):
    """Return the route of an order."""
    return Route("/orders/{id}", handle)


async def good(request):
    return JSONResponse({})


# -- HTTP -----------------------------------------------------------------------------------------


def test_a_request_is_a_span_named_by_its_route(tracer, spans):
    """Its caller is its parent, and it lasts until the answer has left."""
    assert answer(tracer, headers=[(b"traceparent", VALID.encode())], routes=[route(good)]) == 200
    (span,) = spans
    assert (span.trace_id, span.parent_id) == (TRACE, PARENT)
    assert (span.service, span.name, span.kind) == ("orders", "GET /orders/{id}", "server")
    assert (span.start_us, span.duration_us) == (0, 1000)
    assert (span.status, span.words) == ("ok", "")


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"traceparent", b"00-nonsense")],
        [(b"traceparent", b"\xff\xfe")],
        [(b"traceparent", VALID.encode())] * 2,
    ],
)
def test_a_request_that_names_no_caller_begins_a_trace(tracer, spans, headers):
    """Whether there is no header, one that is malformed, or one too many."""
    answer(tracer, headers=headers, routes=[route(good)])
    (span,) = spans
    assert span.parent_id is None
    assert span.trace_id != TRACE
    assert read_traceparent(VALID.replace(TRACE, span.trace_id).encode())


@pytest.mark.parametrize(
    ("status", "outcome", "words"), [(404, "ok", "404"), (503, "error", "503"), (204, "ok", "")]
)
def test_a_status_of_500_is_an_error(tracer, spans, status, outcome, words):
    """One of 400 is the caller's."""

    async def handle(request):
        raise HTTPException(status)

    assert answer(tracer, routes=[route(handle)]) == status
    assert (spans[0].status, spans[0].words) == (outcome, words)


def test_an_exception_is_an_error_and_goes_on(tracer, spans):
    """The span has its name; the server sees it as without a tracer."""

    async def handle(request):
        raise LookupError("no such order")

    with pytest.raises(LookupError):
        answer(tracer, routes=[route(handle)])
    assert (spans[0].status, spans[0].words) == ("error", "LookupError")
    assert tracer.current is None


def test_what_is_no_request_is_no_span(tracer, spans):
    """The messages of the server's own life pass through."""
    seen = []

    async def app(scope, receive, send):
        seen.append(scope)

    looping.run(tracer.asgi(app)({"type": "lifespan"}, None, None))
    assert (seen, spans) == ([{"type": "lifespan"}], [])


def test_calls_within_a_request_belong_to_it(tracer, spans):
    """Two at once, each with an id of its own, and about what the handler says it is about."""

    async def handle(request):
        tracer.about(request.path_params["id"])
        with tracer.client("POST /a", "warehouse") as one, tracer.client("POST /b", "post") as two:
            assert one != two
        return JSONResponse({})

    answer(tracer, routes=[route(handle)])
    post, warehouse, server = spans
    assert [span.parent_id for span in (post, warehouse)] == [server.span_id] * 2
    assert {span.trace_id for span in spans} == {server.trace_id}
    assert (warehouse.kind, warehouse.peer, post.peer) == ("client", "warehouse", "post")
    assert server.key == "o-1"


def test_two_requests_at_once_do_not_mix(tracer, spans):
    """Each task has a current span of its own."""

    async def serve(name: str) -> None:
        with tracer.consuming(Message(key=name.encode())) as span:
            await asyncio.sleep(0)
            assert tracer.current is span
            with tracer.client(name, "other"):
                await asyncio.sleep(0)

    async def both() -> None:
        await asyncio.gather(serve("a"), serve("b"))

    looping.run(both())
    by_id = {span.span_id: span for span in spans}
    clients = [span for span in spans if span.kind == "client"]
    assert {span.name: by_id[span.parent_id].key for span in clients} == {"a": "a", "b": "b"}


# -- calls, records -------------------------------------------------------------------------------


def test_a_call_gives_its_header(tracer, spans):
    """It names the trace and the call itself."""
    call = tracer.client("POST /orders", "warehouse", key="o-1")
    with call as headers:
        call.answered(200)
    (span,) = spans
    assert headers == {"traceparent": f"00-{span.trace_id}-{span.span_id}-01"}
    assert (span.key, span.status) == ("o-1", "ok")


@pytest.mark.parametrize(
    ("status", "outcome", "words"), [(200, "ok", ""), (409, "ok", "409"), (503, "error", "503")]
)
def test_a_call_takes_in_its_status(tracer, spans, status, outcome, words):
    """A refusal is an answer, a failure of the service is none."""
    call = tracer.client("POST /orders", "warehouse")
    with call:
        call.answered(status)
    assert (spans[0].status, spans[0].words) == (outcome, words)


def test_a_call_that_raises_is_an_error(tracer, spans):
    """With the name of what was raised."""
    with pytest.raises(TimeoutError), tracer.client("POST /orders", "warehouse"):
        raise TimeoutError
    assert (spans[0].status, spans[0].words) == ("error", "TimeoutError")


def test_a_trace_goes_on_through_a_topic(tracer, spans):
    """What was published is the parent of what is processed, and that of what follows."""
    with tracer.producing("orders", "o-1") as headers:
        pass
    carried = [(name, value.encode()) for name, value in headers]
    other = Tracer("warehouse", spans.append)
    with other.consuming(Message(carried)), other.producing("stock", 7):
        pass
    producer, following, consumer = spans
    assert consumer.parent_id == producer.span_id
    assert following.parent_id == consumer.span_id
    assert len({span.trace_id for span in spans}) == 1
    assert (producer.name, producer.kind, producer.peer, producer.key) == (
        *("orders publish", "producer", "orders"),
        "o-1",
    )
    assert (consumer.name, consumer.kind, consumer.service, consumer.key) == (
        *("orders process", "consumer", "warehouse"),
        "o-1",
    )
    assert following.key == "7"


@pytest.mark.parametrize("headers", [None, [("traceparent", None)], [("traceparent", b"\xff")]])
def test_a_message_of_an_untraced_producer_begins_a_trace(tracer, spans, headers):
    """With a key that is no text, and with none."""
    for key in (b"\xff", None):
        with tracer.consuming(Message(headers, key)):
            pass
    assert [span.parent_id for span in spans] == [None, None]
    assert [span.key for span in spans] == ["�", None]


# -- records that are not waited for ---------------------------------------------------------------


def offered(tracer, topic: str = "stock", key: str | None = "o-1"):
    """Offer a record; return the trace, span and flag that its header names."""
    ((name, value),) = tracer.offering(topic, key)
    assert name == "traceparent"
    return read_traceparent(value.encode())


def test_what_is_published_within_a_span_is_kept_in_it(tracer, spans):
    """One goes to the sink; readers find all, in OpenTelemetry's model."""
    with tracer.consuming(Message([("traceparent", VALID.encode())])):
        first = offered(tracer, "stock", 7)
        second = offered(tracer, "mail")
    (written,) = spans
    consumer, stock, mail = each_span(spans)
    assert consumer is written
    assert [(span.trace_id, span.span_id, True) for span in (stock, mail)] == [first, second]
    assert {span.trace_id for span in (consumer, stock, mail)} == {TRACE}
    assert [span.parent_id for span in (stock, mail)] == [consumer.span_id] * 2
    assert len({consumer.span_id, stock.span_id, mail.span_id}) == 3
    assert (stock.service, stock.name, stock.kind, stock.peer, stock.key) == (
        *("orders", "stock publish", "producer", "stock"),
        "7",
    )
    assert (mail.key, mail.start_us, mail.duration_us, mail.status) == ("o-1", 2000, 0, "ok")


def test_what_is_published_outside_of_any_span_begins_a_trace(tracer, spans):
    """It is seen at once."""
    caller = offered(tracer)
    (span,) = spans
    assert caller == (span.trace_id, span.span_id, True)
    assert (span.name, span.kind, span.parent_id) == ("stock publish", "producer", None)


def test_what_outlives_its_span_is_not_lost(tracer, spans):
    """A task goes on in the context of a request that was answered, and may have been written."""

    async def serve() -> None:
        go = asyncio.Event()

        async def later():
            await go.wait()
            return offered(tracer)

        with tracer.consuming(Message()):
            task = asyncio.create_task(later())
            await asyncio.sleep(0)
        go.set()
        callers.append(await task)

    callers = []
    looping.run(serve())
    consumer, late = spans
    assert callers == [(consumer.trace_id, late.span_id, True)]
    assert late.parent_id == consumer.span_id
    assert list(spans_frame(spans)["span_id"]) == [consumer.span_id, late.span_id]


def test_a_span_that_publishes_much_is_seen_while_it_does(tracer, spans):
    """Eight are kept in it, and none is lost."""
    with tracer.consuming(Message()):
        callers = {offered(tracer) for _ in range(100)}
        assert len(spans) == 92
    consumer = spans[-1]
    found = list(each_span(spans))
    assert len(found) == 101
    assert {span.parent_id for span in found} == {None, consumer.span_id}
    assert {(span.trace_id, span.span_id, True) for span in found if span.parent_id} == callers


def test_what_is_published_in_a_trace_that_is_not_kept_is_not_kept(spans):
    """Whoever processes it learns so."""
    silent = Tracer("orders", spans.append, share=0)
    with silent.consuming(Message()):
        callers = [offered(silent) for _ in range(10)]
    callers.append(offered(silent))
    assert [is_sampled for _trace, _span, is_sampled in callers] == [False] * 11
    assert spans == []


# -- sampling, ids --------------------------------------------------------------------------------


def test_a_trace_is_kept_as_a_whole_or_not_at_all(spans):
    """Who is called learns by the header whether the trace is kept."""
    silent = Tracer("orders", spans.append, share=0)
    with silent.client("a", "b") as headers:
        pass
    assert headers["traceparent"].endswith("-00")
    answer(
        Tracer("b", spans.append),
        headers=[(b"traceparent", headers["traceparent"].encode())],
        routes=[route(good)],
    )
    assert spans == []


def test_a_share_of_the_traces_is_kept(spans):
    """About that share of them."""
    some = Tracer("orders", spans.append, share=0.5)
    for _ in range(1000):
        with some.client("a", "b"):
            pass
    assert 350 < len(spans) < 650


def test_a_clock_that_is_set_back_makes_no_negative_durations(spans):
    """The span seems to have taken no time."""
    looks = iter([5_000_000, 1_000_000])
    with Tracer("orders", spans.append, clock=lambda: next(looks)).client("a", "b"):
        pass
    assert (spans[0].start_us, spans[0].duration_us) == (5000, 0)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="only where processes fork")
def test_forked_services_draw_other_ids():
    """All of them would else have begun with the template's."""

    def drawn() -> str:
        found = []
        with Tracer("orders", found.append).client("a", "b"):
            pass
        return found[0].trace_id

    ids = set()
    for _ in range(2):
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(writing, drawn().encode())
            os._exit(0)
        os.waitpid(child, 0)
        ids.add(os.read(reading, 100))
        os.close(reading)
        os.close(writing)
    assert len({*ids, drawn().encode()}) == 3


@pytest.mark.parametrize(
    "wrong", [{"service": ""}, {"service": None}, {"share": 1.5}, {"share": -1}, {"sink": 3}]
)
def test_a_wrong_argument_is_refused(wrong):
    """With one clear error."""
    with pytest.raises(UsageError, match=next(iter(wrong))):
        Tracer(**{"service": "orders", "sink": print} | wrong)
