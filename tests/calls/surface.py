"""What can be called from outside: public functions, classes, methods, by their signatures."""

import inspect
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from eventlab import log
from eventlab.flows.launching import made
from eventlab.live import LiveChart
from eventlab.streams import TopicSource
from eventlab.teach import predict

ROOMS = [
    *("lab", "log", "streams", "events", "flows", "services", "live", "pictures", "teach"),
    *("views", "sql", "flink", "broker", "database", "log.schemas"),
]

# What passes its options on has the parameters of what it passes them to.
PASSED_ON: dict[str, Callable[..., Any]] = {
    "lab.Lab.predict": predict,
    "lab.Lab.read": log.read,
    "lab.Lab.run": made,
    "lab.Lab.source": TopicSource,
    "pictures.EventChart": LiveChart,
}

# What it says itself of what it passes on.
_SAID = {"lab.Lab.predict": ["prepare"]}

_GIVEN_OUT = "a result, which eventlab makes and hands out"
_INNER = "called by the rooms above or by bytewax, never by a notebook"
_IN_A_SERVICE = "called for each message within a service, where a check would cost more than it"
_COSTS_A_DOWNLOAD = (
    "downloads 159 MB and starts a JVM; tests/lab and tests/flink hold it to its types"
)
_ENDS_THE_BROKER = "ends or starts the broker that all tests share; its name is only a label"

# What a prediction asks of each kind of answer.
_ANSWERS = ["Number", "Point", "Curve"]
_READS = ["read", "read_outcome", "words", "judge"]

NOT_IN_THE_TABLE: dict[str, str] = {
    **dict.fromkeys(
        [
            "log.Batch",
            "log.PlayerStatus",
            "log.Reading",
            "log.Report",
            "streams.Arrival",
            "streams.Joined",
            "streams.Joins",
            "streams.Late",
            "streams.Row",
            "streams.Window",
            "streams.Windowed",
            "streams.by_window",
            "teach.Prediction",
            "teach.Revelation",
            "teach.Verdict",
            "flows.Running",
            "services.ClientLink",
            "services.KafkaLink",
            "services.HttpLink",
            "services.Link",
            "services.LinkCounts",
            "services.Answer",
            "services.LoadReport",
            "services.Span",
            "services.EventService",
            "services.HttpService",
            "services.Service",
            "services.Registry",
            "log.schemas.AvroSchema",
            "log.schemas.Contract",
            "sql.WireRecord",
            "views.Place",
            "views.Rebuilding",
            "views.Snapshot",
            "views.ViewApp",
            "database.Database",
        ],
        _GIVEN_OUT,
    ),
    **dict.fromkeys(
        [
            "log.Batch.add",
            "log.Cluster.answer",
            "log.Cluster.asked",
            "log.Cluster.asked_in_turns",
            "log.Cluster.borrow_producer",
            "log.Cluster.give_back_producer",
            "log.Cluster.require_up",
            "log.Cluster.trouble",
            "log.Interludes",
            "log.Interludes.before",
            "log.Playing",
            "log.Playing.ends_within",
            "log.Playing.speed",
            "log.Playing.wait",
            "log.Sink",
            "log.Sink.close",
            "log.Sink.flush",
            "log.Sink.offer",
            "log.Topic.answered",
            "log.Topic.require_known",
            "log.Writer.offer_parts",
            "streams.Hopping.add",
            "streams.Hopping.close",
            "streams.Hopping.require",
            "streams.Session.add",
            "streams.Session.close",
            "streams.Session.require",
            "streams.Sliding.add",
            "streams.Sliding.close",
            "streams.Sliding.require",
            "streams.Tumbling.add",
            "streams.Tumbling.close",
            "streams.Tumbling.require",
            "streams.TopicSink.build",
            "streams.TopicSource.build_part",
            "live.Cards.fed_by",
            "live.Cards.still_of",
            "live.Cards.take_shots",
            "live.LiveChart.fed_by",
            "live.LiveChart.still_of",
            "live.LiveChart.take_shots",
            "teach.Prediction.asks_like",
            "teach.Prediction.open",
            "teach.Prediction.reveal",
            *(f"teach.{answer}.{verb}" for answer in _ANSWERS for verb in _READS),
            "teach.Axis.words",
            "services.Proxy.add",
            "services.Proxy.ask",
            "services.Mesh",
            "services.Mesh.begin",
            "services.Mesh.link",
            "services.Mesh.serve",
            "services.Mesh.subscribe",
            "services.Mesh.subscriber",
            "views.DuckDB.open",
            "views.Memory.open",
            "views.Postgres.open",
            "views.PostgresRows.query",
            "views.SQLite.open",
            "views.SQLiteRows.query",
            "views.View.built_beside",
            "views.View.take_over",
            "views.ViewApp.in_service",
            "views.newest",
            "broker.Seat",
            "broker.Seat.on_change",
        ],
        _INNER,
    ),
    **dict.fromkeys(
        [
            "services.Tracer.about",
            "services.Tracer.asgi",
            "services.Tracer.client",
            "services.Tracer.consuming",
            "services.Tracer.offering",
            "services.Tracer.producing",
        ],
        _IN_A_SERVICE,
    ),
    **dict.fromkeys(
        ["lab.Lab.flink", "flink.Flink", "flink.Flink.sql", "flink.Flink.table"], _COSTS_A_DOWNLOAD
    ),
    **dict.fromkeys(
        ["broker.end_local", "broker.end_running", "broker.prepare", "broker.start_and_keep"],
        _ENDS_THE_BROKER,
    ),
}


def public_verbs() -> Iterator[tuple[str, Any]]:
    """Yield every public function, class and method of the rooms that takes something."""
    for room in ROOMS:
        module = import_module(f"eventlab.{room}")
        for name in module.__all__:
            thing = getattr(module, name)
            if inspect.isclass(thing):
                yield from _of_class(f"{room}.{name}", thing)
            elif callable(thing) and parameters(thing):
                yield f"{room}.{name}", thing


def taken_by(name: str, verb: Callable[..., Any]) -> list[str]:
    """Return the names of what a public verb takes, with those that it passes on."""
    names = parameters(verb)
    if name not in PASSED_ON:
        return names
    passed = [one for one in parameters(PASSED_ON[name]) if one not in _SAID.get(name, [])]
    return list(dict.fromkeys([one for one in [*names, *passed] if one != "**"]))


def parameters(verb: Callable[..., Any]) -> list[str]:
    """Return the names of what a verb takes; `**` for options of any name."""
    taken = inspect.signature(verb).parameters.values()
    names = ["**" if one.kind is one.VAR_KEYWORD else one.name for one in taken]
    return [name for name in names if name != "self"]


def _of_class(name: str, kind: type) -> Iterator[tuple[str, Any]]:
    if parameters(kind):
        yield name, kind
    for method_name, method in inspect.getmembers(kind):
        if method_name.startswith("_"):
            continue
        is_ours = str(getattr(method, "__module__", "")).startswith("eventlab")
        if inspect.isroutine(method) and is_ours and parameters(method):
            yield f"{name}.{method_name}", method
        if isinstance(method, property) and method.fset is not None:
            yield f"{name}.{method_name}", method
