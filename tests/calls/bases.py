"""A valid call of every public verb, from which a wrong one differs by one argument."""

from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from typing import Any

import ipywidgets
from bytewax.dataflow import Dataflow
from confluent_kafka import Consumer, TopicPartition

from eventlab import (
    broker,
    database,
    events,
    flows,
    lab,
    live,
    log,
    pictures,
    services,
    sql,
    streams,
    teach,
    views,
)
from eventlab.log import schemas
from eventlab.processes.closing import close_all
from eventlab.services import CallPolicy, inside
from tests import looping
from tests.calls.world import (
    MOMENT,
    SECONDS,
    Call,
    World,
    chart,
    first,
    moved,
    ran,
    stream,
)
from tests.lab.flows import countries
from tests.log.schemas.made import CENTS, contracts, record
from tests.services import apps
from tests.waiting import until

Base = Callable[[World], Call]


def _nothing(*_arguments: Any, **_options: Any) -> None:
    """Do nothing."""


def _in_turn(*acts: Callable[[], object]) -> Callable[[Any], object]:
    return lambda _result: close_all(acts)


def _stopped(thing: Any) -> None:
    (getattr(thing, "stop", None) or thing.close)()


# -- the lab --------------------------------------------------------------------------------------


def _a_lab(_world: World) -> Call:
    return Call(lab.Lab, {"chapter": "wrong-calls-2"}, lambda one: one.close())


def _cards(lab: Any, topic: str = "orders") -> pictures.EventCards:
    return pictures.EventCards(lab.topic(topic))


def _none(_lab: Any) -> dict[str, Any]:
    return {}


def _half(n: int) -> int:
    return n // 2


def _run_in_lab(world: World) -> Call:
    taken = {
        "flow": _copy(world),
        "recovery": False,
        "where": "thread",
        "processes": 1,
        "epoch": timedelta(seconds=1),
        "on_error": _nothing,
    }
    return Call(world.lab.run, taken, _ended)


def _ended(running: flows.Running) -> None:
    try:
        assert running.wait(4)
    finally:
        running.stop()


def _copy(world: World) -> Dataflow:
    return countries(world.lab, name=world.name(), bounded=True)


LAB: dict[str, Base] = {
    "lab.Lab": _a_lab,
    "lab.Lab.check": lambda w: Call(
        w.lab.check, {"exercise": "01.1", "answer": ...}, positional=("exercise", "answer")
    ),
    "lab.Lab.claim": lambda w: Call(
        w.lab.claim,
        {"claim": "00.more", "sentence": "More.", "needs": "one > 0", "one": 1},
        lambda claim: claim._repr_mimebundle_(),
    ),
    "lab.Lab.forget": lambda w: Call(w.lab.forget, {"flow": w.name()}),
    "lab.Lab.keep": lambda w: Call(w.lab.keep, {"thing": _nothing}),
    "lab.Lab.link": lambda w: Call(
        w.lab.link, {"caller": "a", "callee": "b"}, lambda link: link.heal()
    ),
    "lab.Lab.name": lambda w: Call(w.lab.name, {"name": "audit"}),
    "lab.Lab.new_database": lambda w: Call(
        w.lab.new_database, {"name": "wrong"}, lambda made: made.close()
    ),
    "lab.Lab.new_group": lambda w: Call(w.lab.new_group, {"name": "audit"}),
    "lab.Lab.new_topic": lambda w: Call(
        w.lab.new_topic, {"name": w.name(), "partitions": 1, "retention_ms": 1000}
    ),
    "lab.Lab.play": lambda w: Call(
        w.lab.play,
        {"events": w.orders, "into": "scratch", "speed": 0, "key": None, "control": False}
        | {"contract": None}
        | {"path": "/", "timeout_seconds": 2, "on_answer": None, "faults": None},
        lambda player: (player.stop(), _raise(player.error)),
    ),
    "lab.Lab.predict": lambda w: Call(
        w.lab.predict,
        {"about": "00.a", "question": "Who?", "options": ["a", "b"], "unit": "", "still": False}
        | {"answer": None},
        lambda guess: (guess._repr_mimebundle_(), guess.close()),
    ),
    "lab.Lab.produce": lambda w: Call(
        w.lab.produce, {"items": w.orders, "into": "scratch", "key": None, "contract": None}
    ),
    "lab.Lab.read": lambda w: Call(
        w.lab.read,
        {
            "topic": "orders",
            "start": 0,
            "end": 1,
            "since": MOMENT,
            "until": MOMENT,
            "uncommitted": False,
            "contract": None,
        },
    ),
    "lab.Lab.reveal": lambda w: _reveal(w.lab.reveal),
    "lab.Lab.run": _run_in_lab,
    "lab.Lab.serve": lambda w: Call(
        w.lab.serve,
        {"name": "a", "app": apps.hello, "calls": {"b": CallPolicy()}, "log_link": False}
        | {"where": "process", "traced": False},
        _stopped,
    ),
    "lab.Lab.show": lambda w: Call(w.lab.show, {"picture": live.Cards()}, _stopped),
    "lab.Lab.sink": lambda w: Call(w.lab.sink, {"topic": w.name(), "partitions": 1}),
    "lab.Lab.sql": lambda w: Call(w.lab.sql, {"statements": "SHOW STREAMS;", "chart": False}),
    "lab.Lab.sql_function": lambda w: Call(
        w.lab.sql_function,
        {"function": _half, "kind": "scalar", "name": "half", "signature": "(n INT) INT"}
        | {"takes_null": False},
    ),
    "lab.Lab.stage": lambda w: Call(
        w.lab.stage,
        {"title": "t", "act": _cards, "broken": {"topic": "a"}, "counts": _none, "acts": {}}
        | {"turn": {"topic": ["orders", "a"]}},
        _stopped,
    ),
    "lab.Lab.source": lambda w: Call(
        w.lab.source,
        {
            "topic": "orders",
            "start": "earliest",
            "bounded": True,
            "contract": events.Order,
            "dead_letters": w.lab.name("dead"),
            "at_most": 100,
        },
        _read_through(w),
    ),
    "lab.Lab.subscribe": lambda w: Call(
        w.lab.subscribe,
        {
            "name": w.name(),
            "handle": apps.nothing,
            "to": "played",
            "into": "counts",
            "key": "id",
            "contract": None,
            "into_contract": None,
            "calls": ["b"],
            "batch": 10,
            "log_link": False,
            "traced": False,
        },
        w.kill,
    ),
    "lab.Lab.table": lambda w: Call(w.lab.table, {"topic": "orders"}, _stopped),
    "lab.Lab.topic": lambda w: Call(w.lab.topic, {"name": "orders"}),
}


def _reveal(verb: Callable[..., Any]) -> Call:
    teach.predict("00.revealed", "Who?", ["a", "b"], still=True)
    taken = {"about": "00.revealed", "outcome": "a", "why": "Because."}
    return Call(verb, taken, lambda one: one._repr_mimebundle_())


def _asked(answer: Any) -> None:
    assert answer.settings


def _raise(error: BaseException | None) -> None:
    if error is not None:
        raise error


def _read_through(world: World) -> Callable[[Any], None]:
    def read(source: Any) -> None:
        import bytewax.operators as op

        flow = Dataflow(world.name())
        arriving = op.input("in", flow, source)
        ran(flow, arriving) if source._bounded else _begun(flow, arriving)

    return read


def _begun(flow: Dataflow, arriving: Any) -> None:
    import bytewax.operators as op
    from bytewax.testing import TestingSink

    op.output("out", arriving, TestingSink([]))
    running = flows.run(flow)
    running.until(3, 2)
    running.stop()
    _raise(running.error)


# -- the log --------------------------------------------------------------------------------------


def _member(world: World) -> Consumer:
    consumer = world.kept(Consumer(world.lab.kafka | {"group.id": "turns"}))
    consumer.assign([TopicPartition(world.topic.name, number, 0) for number in range(2)])
    return consumer


def _transactions(world: World) -> log.Transactions:
    # There is a record that it has not read: it ends at once, however long it may take.
    own = {"group": f"t-{world.lab.name(world.name())}", "name": "t", "at_most": 1}
    return world.kept(log.Transactions(*_of_transactions(world).values(), **own))


def _of_transactions(world: World) -> dict[str, Any]:
    counts = world.lab.name("counts")
    return {
        "cluster": world.lab.cluster,
        "topics": [world.topic],
        # Not to where changes are looked for: a transaction's own marker comes a moment later.
        "transform": lambda message: [(counts, (message.key(), message.value()))],
    }


def _player(world: World) -> log.Player:
    player = world.kept(log.play(world.scratch, events.Shop(seed=1).orders(), speed=1e-9))
    until(lambda: player.status.acknowledged == 1)
    return player


def _follower(world: World) -> log.Follower:
    return world.kept(log.follow(world.topic, _nothing))


FOLLOWED = {
    "start": "earliest",
    "per_second": 100.0,
    "contract": None,
    "on_error": _nothing,
}

LOG: dict[str, Base] = {
    "log.Cluster": lambda w: Call(
        log.Cluster,
        {"settings": w.lab.cluster.settings, "when_away": "Start it.", "away": _nothing},
        lambda cluster: cluster.metadata(),
    ),
    "log.Follower": lambda w: Call(
        log.Follower,
        {"topic": w.topic, "on_batch": _nothing, **FOLLOWED, "at_most": 100},
        moved,
    ),
    "log.Follower.per_second": lambda w: _set(_follower(w), "per_second", 10),
    "log.Follower.seek": lambda w: Call(_follower(w).seek, {"start": "earliest"}),
    "log.Player": lambda w: Call(
        log.Player,
        {
            "topic": w.scratch,
            "events": w.orders,
            "speed": 0,
            "key": None,
            "contract": None,
            "clock": lambda: 0.0,
            "settings": {},
        },
        _played,
    ),
    "log.Player.ends_within": lambda w: Call(
        w.kept(log.play(w.scratch, [])).ends_within, {"seconds": 1}
    ),
    "log.Player.speed": lambda w: _set(_player(w), "speed", 10),
    "log.Player.wait": lambda w: Call(w.kept(log.play(w.scratch, [])).wait, {"seconds": 1}),
    "log.Record": lambda w: Call(
        log.Record,
        {"key": "k", "value": b"v", "timestamp": 1, "headers": [("h", "v")], "partition": 0},
        lambda record: log.produce(w.scratch, [record]),
    ),
    "log.Topic": lambda w: Call(
        log.Topic, {"cluster": w.lab.cluster, "name": "orders"}, lambda t: t.exists
    ),
    "log.Topic.add_partitions": lambda w: Call(
        w.fresh_topic().create().add_partitions, {"total": 2}
    ),
    "log.Topic.create": lambda w: Call(w.fresh_topic().create, {"partitions": 1, "settings": {}}),
    "log.Topic.end_offsets": lambda w: Call(w.topic.end_offsets, {"committed": False}),
    "log.Topic.made": lambda w: Call(w.fresh_topic().made, {"partitions": 1}),
    "log.Topic.offsets_at": lambda w: Call(w.topic.offsets_at, {"moment": MOMENT}),
    "log.Topic.require_makeable": lambda w: Call(
        w.topic.require_makeable, {"partitions": 1, "settings": {}}
    ),
    "log.Topic.reset": lambda w: Call(w.fresh_topic().reset, {"partitions": 1, "settings": {}}),
    "log.Topic.set": lambda w: Call(w.fresh_topic().create().set, {"retention_ms": "1000"}),
    "log.Transactions": lambda w: Call(
        log.Transactions,
        {**_of_transactions(w), "group": w.group, "name": w.lab.name("t"), "at_most": 10},
        lambda one: close_all([lambda: one.step(0.5), one.close]),
    ),
    "log.Transactions.step": lambda w: Call(_transactions(w).step, {"seconds": 0.1}),
    "log.Writer": lambda w: Call(
        log.Writer, {"topic": w.scratch, "settings": {}}, lambda writer: writer.close(1)
    ),
    "log.Writer.close": lambda w: Call(log.Writer(w.scratch).close, {"seconds": 1}),
    "log.Writer.flush": lambda w: Call(log.Writer(w.scratch).flush, {"seconds": 1}),
    "log.Writer.offer": lambda w: _offer(log.Writer(w.scratch)),
    "log.follow": lambda w: Call(
        log.follow, {"topic": w.topic, "on_batch": _nothing, **FOLLOWED}, _stopped
    ),
    "log.begin_anew": lambda w: Call(log.begin_anew, {"topic": w.topic, "prefix": "a"}),
    "log.groups": lambda w: Call(log.groups, {"cluster": w.lab.cluster, "prefix": "a"}),
    "log.lag": lambda w: Call(log.lag, {"cluster": w.lab.cluster, "group": w.group}),
    "log.members": lambda w: Call(log.members, {"cluster": w.lab.cluster, "group": w.group}),
    "log.play": lambda w: Call(
        log.play,
        {"topic": w.scratch, "events": w.orders, "speed": 0, "key": None, "contract": None},
        lambda p: (p.stop(), _raise(p.error)),
    ),
    "log.prepare": lambda w: Call(log.prepare, {"cluster": w.lab.cluster}),
    "log.produce": lambda w: Call(
        log.produce,
        {"topic": w.scratch, "items": w.orders, "key": None, "settings": {}, "contract": None},
    ),
    "log.read": lambda w: Call(
        log.read,
        {
            "topic": w.topic,
            "start": 0,
            "end": 1,
            "since": MOMENT,
            "until": MOMENT,
            "uncommitted": False,
            "contract": None,
        },
    ),
    "log.records": lambda w: Call(
        log.records, {"items": w.orders, "key": None, "contract": None}, first
    ),
    "log.take_turns": lambda w: Call(
        log.take_turns, {"consumers": [_member(w)], "up_to": 1, "seconds": 0.01}
    ),
    "log.topics": lambda w: Call(log.topics, {"cluster": w.lab.cluster, "prefix": "a"}),
}


def _played(player: log.Playing) -> None:
    player.start()
    player.stop()
    _raise(player.error)


def _offer(writer: log.Writer) -> Call:
    record = log.Record("k", b"v")
    return Call(writer.offer, {"record": record, "seconds": 1}, lambda _: writer.close(1))


def _window_picture(world: World) -> pictures.WindowPicture:
    return pictures.WindowPicture(world.topic, world.scratch, length=SECONDS)


def _set(thing: Any, name: str, value: Any) -> Call:
    return Call(lambda **taken: setattr(thing, name, next(iter(taken.values()))), {name: value})


# -- streams --------------------------------------------------------------------------------------


def _step(operator: Callable[..., Any], *ups: str, **options: Any) -> Base:
    def base(world: World) -> Call:
        flow = Dataflow(world.name())
        streams_in = {up: stream(up, flow) for up in ups}
        return Call(
            operator, {"step_id": "step", **streams_in, **options}, lambda up: ran(flow, up)
        )

    return base


def _global(world: World) -> Call:
    flow = Dataflow(world.name())
    taken = {
        "step_id": "step",
        "stream": stream("orders", flow),
        "table": streams.GlobalTable(world.topic),
        "key_of": lambda key, _event: key,
        "how": "inner",
    }
    return Call(streams.join_global_table, taken, lambda up: ran(flow, up))


def _added(one: Any, _other: Any) -> Any:
    return one + 1


def _windowed(kind: str) -> Base:
    def base(world: World) -> Call:
        kinds = {
            "Tumbling": {"length": SECONDS},
            "Hopping": {"length": SECONDS, "hop": SECONDS},
            "Session": {"gap": SECONDS},
            "Sliding": {"difference": SECONDS},
        }
        flow = Dataflow(world.name())
        up = stream("orders", flow)
        count = streams.Fold(int, _added, lambda one, other: one + other)
        after = lambda made: ran(flow, streams.windowed("step", up, made, count))  # noqa: E731
        return Call(getattr(streams, kind), kinds[kind], after)

    return base


def _fold(world: World) -> Call:
    flow = Dataflow(world.name())
    up = stream("orders", flow)
    taken = {"begin": int, "add": _added, "merge": lambda one, other: one + other}
    return Call(
        streams.Fold,
        taken,
        lambda fold: ran(flow, streams.windowed("step", up, streams.Session(SECONDS), fold)),
    )


def _table_fold(world: World) -> Call:
    flow = Dataflow(world.name())
    table = stream("orders", flow)
    taken = {"begin": int, "add": _added, "subtract": _added}

    def after(fold: Any) -> None:
        ran(flow, streams.aggregate_table("step", table, lambda key, _row: key, fold))

    return Call(streams.TableFold, taken, after)


def _clocked(world: World) -> Call:
    import bytewax.operators.windowing as win

    flow = Dataflow(world.name())
    up = stream("orders", flow)
    windower = win.TumblingWindower(length=SECONDS, align_to=MOMENT)
    taken = {"wait": SECONDS, "at": lambda item: item.timestamp}
    return Call(
        streams.event_clock,
        taken,
        lambda clock: ran(flow, win.collect_window("step", up, clock, windower).down),
    )


def _table(world: World) -> streams.Table:
    return world.kept(streams.Table(world.topic)).start()


def _written(world: World) -> Callable[[Any], None]:
    def write(sink: Any) -> None:
        import bytewax.operators as op

        flow = Dataflow(world.name())
        op.output("out", op.map("pair", stream("in", flow), lambda pair: (pair[0], {"a": 1})), sink)
        running = flows.run(flow)
        _ended(running)

    return write


_JOINED = {
    "how": "inner",
    "grace": SECONDS,
    "idle": SECONDS,
    "partitions": ([("a", 0)], [("b", 0)]),
}

STREAMS: dict[str, Base] = {
    "streams.Fold": _fold,
    "streams.GlobalTable": lambda w: Call(
        streams.GlobalTable,
        {"topic": w.topic, "contract": events.Order},
        lambda table: table.catch_up(),
    ),
    "streams.GlobalTable.get": lambda w: Call(streams.GlobalTable(w.topic).get, {"key": "a"}),
    "streams.Hopping": _windowed("Hopping"),
    "streams.Session": _windowed("Session"),
    "streams.Sliding": _windowed("Sliding"),
    "streams.Tumbling": _windowed("Tumbling"),
    "streams.Table": lambda w: Call(
        streams.Table, {"topic": w.topic, "on_change": _nothing}, _caught_up
    ),
    "streams.Table.catch_up": lambda w: Call(_table(w).catch_up, {"seconds": 4.0}),
    "streams.Table.get": lambda w: Call(_table(w).get, {"key": "a"}),
    "streams.TableFold": _table_fold,
    "streams.TopicSink": lambda w: Call(
        streams.TopicSink, {"topic": w.scratch, "settings": {}}, _written(w)
    ),
    "streams.TopicSource": lambda w: Call(
        streams.TopicSource,
        {
            "topic": w.topic,
            "start": "earliest",
            "bounded": True,
            "contract": events.Order,
            "dead_letters": w.lab.name("dead"),
            "at_most": 100,
        },
        _read_through(w),
    ),
    "streams.aggregate_table": _step(
        streams.aggregate_table,
        "table",
        group=lambda key, _row: key,
        fold=streams.TableFold(int, _added, _added),
    ),
    "streams.aggregated": _step(streams.aggregated, "up", fold=streams.Fold(int, _added)),
    "streams.event_clock": _clocked,
    "streams.filtered_table": _step(streams.filtered_table, "table", holds=bool),
    "streams.join_global_table": _global,
    "streams.join_streams": _step(
        streams.join_streams,
        "left",
        "right",
        within=SECONDS,
        before=SECONDS,
        alone="over",
        one_time=False,
        **_JOINED,
    ),
    "streams.join_table": _step(
        streams.join_table, "stream", "table", versioned=True, history=SECONDS, **_JOINED
    ),
    "streams.join_tables": _step(streams.join_tables, "left", "right", how="inner"),
    "streams.join_tables_by": _step(
        streams.join_tables_by,
        "left",
        "right",
        foreign_key=lambda row: "ann",
        how="inner",
        with_key=False,
        tombstones="needed",
        order=str,
    ),
    "streams.suppressed": _step(streams.suppressed, "up", wait=SECONDS),
    "streams.table_at": lambda w: Call(
        streams.table_at, {"topic": w.topic, "end": 1, "until": MOMENT}
    ),
    "streams.watermarked": _step(
        streams.watermarked, "up", bound=SECONDS, idle=SECONDS, partitions=[("up", 0)]
    ),
    "streams.windowed": _step(
        streams.windowed,
        "up",
        kind=streams.Tumbling(SECONDS),
        fold=streams.Fold(int, _added),
        grace=SECONDS,
        emit="changes",
        idle=SECONDS,
        partitions=[("up", 0)],
    ),
}


def _caught_up(table: streams.Table) -> None:
    try:
        table.catch_up(4)
    finally:
        table.stop()


# -- events ---------------------------------------------------------------------------------------


def _contract(kind: type[events.Event]) -> Base:
    texts = dict.fromkeys(kind.__struct_fields__, "a")
    times = dict.fromkeys({"at", "departed_at"} & set(texts), MOMENT)
    return lambda _world: Call(kind, texts | times, events.encode)


def _fault(fault: Callable[..., Any], **more: Any) -> Base:
    return lambda w: Call(fault, {"events": w.orders, "seed": 1, "probability": 0.5, **more}, first)


_SHOP = {"seed": 1, "orders_per_hour": 240, "customers": 50, "products": 6, "start": MOMENT}
_CONTRACTS = [
    name
    for name in events.__all__
    if isinstance(getattr(events, name), type) and issubclass(getattr(events, name), events.Event)
]

EVENTS: dict[str, Base] = {
    **{f"events.{name}": _contract(getattr(events, name)) for name in _CONTRACTS},
    "events.Delivery": lambda w: Call(
        events.Delivery,
        {"event": w.orders[0], "arrives_at": MOMENT, "key": "k", "value": b"v"},
        lambda one: (one.at, log.produce(w.scratch, [one])),
    ),
    "events.Delivery.of": lambda w: Call(
        events.Delivery.of, {"event": w.orders[0], "arrives_at": MOMENT}
    ),
    "events.Fault": lambda w: Call(
        events.Fault, {"events": w.orders, "arrivals": lambda incoming, note: incoming}, first
    ),
    "events.Shop": lambda _w: Call(events.Shop, _SHOP, _a_few),
    "events.Shop.only": lambda _w: Call(
        events.Shop(seed=1).only, {"contracts": events.Order}, first, positional=("contracts",)
    ),
    "events.decode": lambda w: Call(
        events.decode, {"value": events.encode(w.orders[0]), "contract": events.Order}
    ),
    "events.delayed": lambda _w: Call(
        events.delayed, {"flights": events.two_days_of_flights()[:3]}, first
    ),
    "events.deliveries": lambda w: Call(events.deliveries, {"events": w.orders}, first),
    "events.duplicated": _fault(events.duplicated, mean_delay=SECONDS),
    "events.encode": lambda w: Call(events.encode, {"event": w.orders[0]}),
    "events.late": _fault(events.late, mean_delay=SECONDS),
    "events.lost": _fault(events.lost),
    "events.malformed": _fault(events.malformed),
    "events.out_of_order": _fault(events.out_of_order, places=2),
}


def _a_few(shop: events.Shop) -> None:
    list(islice(shop.orders(), 3))
    list(islice(shop.customers(), 3))


# -- flows, live, pictures, teach, broker ---------------------------------------------------------


def _run(world: World) -> Call:
    taken = {
        "flow": _copy(world),
        "where": "thread",
        "processes": 1,
        "recovery": None,
        "epoch": timedelta(seconds=1),
        "on_error": _nothing,
    }
    return Call(flows.run, taken, _ended)


def _running(world: World) -> flows.Running:
    return world.kept(flows.run(_copy(world)))


FLOWS: dict[str, Base] = {
    "flows.Running.stop": lambda w: Call(_running(w).stop, {"close_windows": False}),
    "flows.Running.until": lambda w: Call(_running(w).until, {"count": 3, "timeout_seconds": 2}),
    "flows.Running.wait": lambda w: Call(_running(w).wait, {"timeout_seconds": 2}),
    "flows.prepare_store": lambda w: Call(flows.prepare_store, {"folder": _store(w)}),
    "flows.run": _run,
}


# -- services -------------------------------------------------------------------------------------


def _proxy(world: World) -> services.Proxy:
    return world.kept(services.Proxy())


def _link(world: World) -> services.HttpLink:
    return _proxy(world).link("warehouse", 1)


def _kafka_link(world: World) -> services.KafkaLink:
    return _proxy(world).kafka_link({"bootstrap.servers": "127.0.0.1:1"})


def _client_link(world: World) -> services.ClientLink:
    return _kafka_link(world).client("warehouse")


def _faults() -> services.Faults:
    return services.Faults(latency_seconds=0.1)


def _schedule(*links: str) -> services.FaultSchedule:
    return services.FaultSchedule([services.Outage(0, 1, link, _faults()) for link in links])


SERVICES: dict[str, Base] = {
    "services.ClientLink.set": lambda w: Call(_client_link(w).set, {"faults": _faults()}),
    "services.FaultSchedule": lambda _w: Call(
        services.FaultSchedule, {"outages": [services.Outage(0, 1, "a", _faults())], "seed": 1}
    ),
    "services.FaultSchedule.at": lambda _w: Call(
        _schedule("a").at, {"target": "a", "seconds": 0.5}
    ),
    "services.FaultSchedule.random": lambda _w: Call(
        services.FaultSchedule.random,
        {"seed": 1, "targets": ["a"], "seconds": 60.0, "outages": 3, "length_seconds": 5.0}
        | {"trouble": _faults()},
    ),
    "services.Faults": lambda _w: Call(
        services.Faults,
        {"latency_seconds": 0.1, "jitter_seconds": 0.1, "mode": "pass", "bytes_per_second": 1e6}
        | {"error_share": 0.1, "reset_share": 0.1, "seed": 1},
        lambda faults: faults.words,
    ),
    "services.HttpLink.retarget": lambda w: Call(_link(w).retarget, {"port": 2}),
    "services.HttpLink.set": lambda w: Call(_link(w).set, {"faults": _faults()}),
    "services.KafkaLink.client": lambda w: Call(
        _kafka_link(w).client, {"client_id": "warehouse", "name": None}
    ),
    "services.KafkaLink.retarget": lambda w: Call(
        _kafka_link(w).retarget, {"servers": "127.0.0.1:2"}
    ),
    "services.KafkaLink.set": lambda w: Call(_kafka_link(w).set, {"faults": _faults()}),
    "services.Link.set": lambda w: Call(_link(w).set, {"faults": _faults()}),
    "services.Outage": lambda _w: Call(
        services.Outage,
        {"begin_seconds": 0.0, "end_seconds": 1.0, "target": "a", "trouble": _faults()},
    ),
    "services.Proxy.kafka_link": lambda w: Call(
        _proxy(w).kafka_link,
        {"settings": {"bootstrap.servers": "127.0.0.1:1"}, "name": "kafka"},
    ),
    "services.Proxy.link": lambda w: Call(
        _proxy(w).link, {"name": "warehouse", "target_port": 1, "port": 0}
    ),
}


def _store(world: World) -> Any:
    from eventlab.folders import data_folder

    return data_folder() / world.lab.chapter / world.name()


def _live_chart() -> live.LiveChart:
    return live.LiveChart(chart(), time="at", key="id", alt="a chart")


_DRAWN = {
    "alt": "a chart",
    "time": "at",
    "window": SECONDS,
    "keep": 10,
    "rate": 20,
    "key": "id",
    "controls": [ipywidgets.Button()],
    "moved": print,
}

LIVE: dict[str, Base] = {
    "live.Buttons": lambda _w: Call(
        live.Buttons, {"actions": {"Do": _nothing}}, lambda one: one.stop()
    ),
    "live.Card": lambda _w: Call(
        live.Card,
        {"title": "a", "lines": ["b"], "colour": "red"},
        lambda card: live.Cards().push([card]),
    ),
    "live.Cards": lambda _w: Call(live.Cards, {"newest": 6}, moved),
    "live.Cards.push": lambda _w: _pushed(live.Cards(), "push", {"cards": [live.Card("a", ["b"])]}),
    "live.Cards.report": lambda _w: Call(live.Cards().report, {"error": ValueError("a")}),
    "live.LiveChart": lambda _w: Call(live.LiveChart, {"chart": chart(), **_DRAWN}, _drawn),
    "live.LiveChart.push": lambda _w: _pushed(
        _live_chart(), "push", {"at": [1], "id": [1], "cents": [1]}
    ),
    "live.LiveChart.replace": lambda _w: _pushed(
        _live_chart(), "replace", {"at": [1], "id": [1], "cents": [1]}
    ),
    "live.LiveChart.remove": lambda _w: _pushed(_live_chart(), "remove", {"keys": [1]}),
    "live.LiveChart.report": lambda _w: Call(_live_chart().report, {"error": ValueError("a")}),
    "live.PlayerControl": lambda w: Call(live.PlayerControl, {"player": w.player}, moved),
    "live.Ticker": lambda _w: Call(
        live.Ticker, {"act": _nothing, "per_second": 10, "on_error": _nothing}, moved
    ),
    "live.acts_while_busy": lambda _w: Call(live.acts_while_busy, {"widget": ipywidgets.Button()}),
    "live.categories": lambda _w: Call(live.categories, {"count": 3}),
    "live.error_line": lambda _w: Call(live.error_line, {"error": ValueError("a")}),
    "live.warm_up_vega": lambda _w: Call(live.warm_up_vega, {"progress": _nothing}),
}


def _drawn(one: live.LiveChart) -> None:
    one.push(at=[1, 2], id=[1, 2], cents=[1, 2])
    moved(one)


def _pushed(widget: Any, verb: str, taken: dict[str, Any]) -> Call:
    return Call(getattr(widget, verb), taken, lambda _: moved(widget))


def _lanes(world: World) -> pictures.Lanes:
    return world.kept(pictures.Lanes(world.topic, readers=1).start())


class _Processor:
    """Stand for a flow in a process of its own that has read nothing."""

    is_alive = True
    error = None
    lag = 0

    def __init__(self) -> None:
        self.pids = [1]
        self.positions: dict[tuple[str, int], int] = {}

    def kill(self) -> None:
        """End at once."""

    def stop(self, *, close_windows: bool = False) -> None:
        """End."""


def _survivor(world: World) -> pictures.Survivor:
    return world.kept(
        pictures.Survivor(
            world.topic, lambda place: _Processor(), stream=world.topic, names={}, right=_no_rows
        ).start()
    )


def _no_rows(number: int) -> dict[str, Any]:
    return {}


def _table_picture(world: World) -> pictures.TablePicture:
    return world.kept(pictures.TablePicture(world.topic).start())


PICTURES: dict[str, Base] = {
    "pictures.EventCards": lambda w: Call(
        pictures.EventCards, {"topic": w.topic, "newest": 6}, moved
    ),
    "pictures.EventChart": lambda w: Call(
        pictures.EventChart,
        {
            "topic": w.topic,
            "chart": chart(),
            "start": "earliest",
            "per_batch": lambda batch: batch.columns,
            **_DRAWN,
        },
        moved,
    ),
    "pictures.JoinPicture": lambda w: Call(
        pictures.JoinPicture, {"left": w.topic, "right": w.topic, "joined": w.scratch}, moved
    ),
    "pictures.OrderTimeline": lambda w: Call(
        pictures.OrderTimeline, {"spans": w.scratch, "key": "o-1"}, moved
    ),
    "pictures.ServiceGraph": lambda w: Call(
        pictures.ServiceGraph, {"spans": w.scratch, "window": SECONDS}, moved
    ),
    "pictures.LagPicture": lambda w: Call(
        pictures.LagPicture, {"reader": w.flow, "cluster": w.lab.cluster, "window": SECONDS}, moved
    ),
    "pictures.Lanes": lambda w: Call(
        pictures.Lanes,
        {
            "topic": w.topic,
            "readers": 2,
            "come": lambda: _member(w),
            "pace": 4,
            "by": "country",
            "highlight": {"DE": "Germany"},
            "joined": "DE",
            "extent": 100,
        },
        moved,
    ),
    "pictures.Lanes.rewind": lambda w: Call(_lanes(w).rewind, {"reader": 1, "to": 0.5}),
    "pictures.Bookmark": lambda w: Call(
        pictures.Bookmark,
        {
            "topic": w.topic,
            "come": lambda: _member(w),
            "orders": 9,
            "leaves_after": 3,
            "words": lambda row: "order",
        },
        moved,
    ),
    "pictures.LatenessPicture": lambda w: Call(
        pictures.LatenessPicture, {"topic": w.topic, "window": SECONDS}, moved
    ),
    "pictures.Survivor": lambda w: Call(
        pictures.Survivor,
        {
            "changelog": w.topic,
            "start": lambda place: _Processor(),
            "stream": w.topic,
            "names": {"ann": "Ann"},
            "right": _no_rows,
            "key": "customer",
            "slowly": False,
        },
        moved,
    ),
    "pictures.Survivor.killed_halfway": lambda w: Call(
        _survivor(w).killed_halfway, {"story": w.orders}
    ),
    "pictures.Survivor.replay": lambda w: Call(
        _survivor(w).replay, {"table": w.topic, "seconds": 0.1}
    ),
    "pictures.TablePicture": lambda w: Call(
        pictures.TablePicture,
        {
            "table": w.topic,
            "stream": w.topic,
            "changelog": True,
            "columns": ["country"],
            "most": 12,
            "key": "country",
            "names": {"ann": "Ann"},
            "slides": True,
        },
        moved,
    ),
    "pictures.TablePicture.replay": lambda w: Call(
        _table_picture(w).replay, {"table": w.topic, "seconds": 0.1}
    ),
    "pictures.WindowPicture.grace": lambda w: _set(_window_picture(w), "grace", SECONDS),
    "pictures.WindowPicture": lambda w: Call(
        pictures.WindowPicture,
        {
            "events": w.topic,
            "windows": w.scratch,
            "late": w.scratch,
            "length": SECONDS,
            "grace": SECONDS,
            "flow": w.flow,
            "arrived": "at",
            "value": "events",
            "words": str,
            "clock": "UTC",
            "expected": [],
        },
        moved,
    ),
}

TEACH: dict[str, Base] = {
    "teach.Claim": lambda _w: Call(
        teach.Claim,
        {
            "claim": "00.more",
            "sentence": "More.",
            "needs": "one > 0",
            "figures": {"one": 1},
            "broken": False,
            "seed": 1,
            "versions": {"kafka": "4"},
        },
        lambda claim: claim._repr_mimebundle_(),
    ),
    "teach.check": lambda _w: Call(
        teach.check, {"exercise": "01.1", "answer": ...}, positional=("exercise", "answer")
    ),
    "teach.claims_in": lambda _w: Call(teach.claims_in, {"notebook": {"cells": []}}),
    "teach.predict": lambda _w: Call(
        teach.predict,
        {
            "about": "00.b",
            "question": "Who?",
            "options": ["a", "b"],
            "answer": None,
            "unit": "",
            "still": False,
            "prepare": _nothing,
        },
        lambda guess: (guess._repr_mimebundle_(), guess.close()),
    ),
    "teach.reveal": lambda _w: _reveal(teach.reveal),
    "teach.verdicts_in": lambda _w: Call(teach.verdicts_in, {"notebook": {"cells": []}}),
    "teach.Axis": lambda _w: Call(
        teach.Axis, {"title": "readers", "first": 0, "last": 10, "unit": "s"}, _asked
    ),
    "teach.Curve": lambda _w: Call(
        teach.Curve,
        {"across": teach.Axis("x", 0, 1), "up": teach.Axis("y", 0, 1), "points": 3},
        _asked,
    ),
    "teach.Number": lambda _w: Call(
        teach.Number, {"unit": "s", "at_least": 0, "at_most": 10}, _asked
    ),
    "teach.Point": lambda _w: Call(teach.Point, {"first": 0, "last": 10, "unit": "s"}, _asked),
    "teach.Prediction.read": lambda _w: Call(
        teach.Prediction("Who?", teach.Number()).read, {"answer": 3}
    ),
}


def _inside(verb: Callable[..., Any], taken: dict[str, Any]) -> Base:
    """Return a call that the code of a service makes."""

    async def run(world: World, arguments: dict[str, Any]) -> None:
        stock = world.served("stock")
        peers = {"stock": inside.Peer(stock.url, CallPolicy(timeout_seconds=2))}
        here = inside.Here(inside.Place("a", peers, world.lab.kafka, world.prefix))
        inside.enter(here)
        try:
            await verb(**arguments)
        finally:
            await here.close()
            here._polling.stop()

    return lambda world: Call(lambda **arguments: looping.run(run(world, arguments)), taken)


async def _about(**taken: Any) -> None:
    services.about(**taken)


def _request_player(world: World) -> services.RequestPlayer:
    player = world.kept(services.RequestPlayer([world.served("asked")], []))
    player.start()
    return player


MESH: dict[str, Base] = {
    "services.CallPolicy": lambda _w: Call(
        CallPolicy,
        {
            "timeout_seconds": 1.0,
            "retries": 2,
            "back_off_seconds": 0.05,
            "most_back_off_seconds": 1.0,
            "breaker_failures": 5,
            "breaker_rest_seconds": 1.0,
            "connections": 100,
            "at_once": 200,
        },
    ),
    "services.HttpService.ask": lambda w: Call(
        w.served("asked").ask, {"path": "/", "json": {}, "method": "POST", "timeout_seconds": 2.0}
    ),
    "services.HttpService.redeploy": lambda w: Call(
        w.served("asked").redeploy, {"app": apps.hello}
    ),
    "services.Registry.contract": lambda w: Call(
        w.registry.contract,
        {"topic": "orders", "schema": record(CENTS), "compatibility": "NONE", "version": None},
    ),
    "services.Registry.forget": lambda w: Call(
        w.registry.forget, {"subject": w.registry.contract(w.name(), record(CENTS)).subject}
    ),
    "services.RequestPlayer": lambda w: Call(
        services.RequestPlayer,
        {"services": [w.served("asked")], "events": w.orders, "speed": 0, "path": "/"}
        | {"timeout_seconds": 2.0, "on_answer": _nothing, "clock": lambda: 0.0},
        _played,
    ),
    "services.RequestPlayer.ends_within": lambda w: Call(
        _request_player(w).ends_within, {"seconds": 1}
    ),
    "services.RequestPlayer.speed": lambda w: _set(_request_player(w), "speed", 10),
    "services.RequestPlayer.wait": lambda w: Call(_request_player(w).wait, {"seconds": 1}),
    "services.about": _inside(_about, {"key": "o-1"}),
    "services.call": _inside(
        services.call, {"service": "stock", "path": "/", "json": {"a": 1}, "method": "POST"}
    ),
    "services.publish": _inside(
        services.publish,
        {"topic": "scratch", "event": {"a": 1}, "key": "a", "acknowledged": True}
        | {"contract": None},
    ),
}

SCHEMAS: dict[str, Base] = {
    "log.schemas.Contract.decode": lambda _w: Call(
        _contract().decode, {"value": _contract().encode({"cents": 20})}
    ),
    "log.schemas.Contract.encode": lambda _w: Call(_contract().encode, {"event": {"cents": 20}}),
    "log.schemas.parsed": lambda _w: Call(schemas.parsed, {"schema": record(CENTS)}),
    "log.schemas.problems": lambda _w: Call(
        schemas.problems,
        {"new": schemas.parsed(record()), "earlier": {1: schemas.parsed(record(CENTS))}}
        | {"level": "FULL"},
    ),
}


def _contract() -> schemas.Contract:
    return contracts(record(CENTS))[0]


BROKER: dict[str, Base] = {
    "broker.Broker": lambda _w: Call(
        broker.Broker,
        {"name": "wrong calls", "progress": _nothing},
        lambda one: (one.start(), one.close()),
    ),
    "broker.Broker.on_change": lambda w: Call(
        w.lab.broker.on_change, {"listener": _nothing}, lambda undo: undo()
    ),
    "broker.ExternalCluster": lambda w: Call(
        broker.ExternalCluster,
        {"settings": w.lab.broker.client_settings},
        lambda one: one.await_answer(),
    ),
    "broker.ExternalCluster.on_change": lambda w: Call(
        broker.ExternalCluster(w.lab.broker.client_settings).on_change, {"listener": _nothing}
    ),
    "broker.join": lambda _w: Call(
        broker.join, {"name": "wrong calls", "progress": _nothing}, _stopped_seat
    ),
    "broker.present_seat": lambda _w: Call(
        broker.present_seat, {"name": "wrong calls"}, _stopped_seat
    ),
    "broker.running_broker": lambda _w: Call(
        broker.running_broker, {"name": "wrong calls"}, _stopped_seat
    ),
}


def _stopped_seat(seat: broker.Seat) -> None:
    seat.close()


DATABASE: dict[str, Base] = {
    "database.Database.connect": lambda w: Call(
        w.database.connect, {"autocommit": True, "name": "ann"}, lambda made: made.close()
    ),
    "database.Database.sql": lambda w: Call(
        w.database.sql, {"query": "select %s::text as a", "parameters": ["b"]}
    ),
    "database.new_database": lambda w: Call(
        database.new_database,
        {"name": "wrong calls", "holder": "wrong calls"},
        lambda made: made.close(),
    ),
}


# -- traces and loads ------------------------------------------------------------------------------

_NOBODY = "http://127.0.0.1:1/"


def _load(_world: World) -> Call:
    taken = {
        **{"url": _NOBODY, "rate_per_second": 10, "seconds": 0.1, "seed": 1, "method": "POST"},
        **{"bodies": [{}], "headers": {"x-user": "ann"}, "timeout_seconds": 1},
        **{"most_in_flight": 10, "on_rows": _nothing},
    }
    return Call(services.Load, taken, lambda load: (load.start(), load.stop()))


def _load_report() -> services.LoadReport:
    return services.Load(_NOBODY, rate_per_second=10, seconds=1).report


def _spans() -> Any:
    spans: list[services.Span] = []
    with services.Tracer("shop", spans.append).client("GET /", "stock", key="o-1"):
        pass
    return services.spans_frame(spans)


def _span_sink(world: World) -> services.SpanSink:
    sink = world.kept(services.SpanSink(world.scratch))
    sink.start()
    return sink


def _of_spans(verb: Callable[..., Any], **more: Any) -> Base:
    return lambda _world: Call(verb, {"spans": _spans(), **more})


TRACES: dict[str, Base] = {
    "services.Load": _load,
    "services.Load.wait": lambda _w: Call(
        services.Load(_NOBODY, rate_per_second=10, seconds=1).wait, {"timeout_seconds": 1}
    ),
    "services.LoadReport.lateness_percentiles": lambda _w: Call(
        _load_report().lateness_percentiles, {"shares": 99}, positional=("shares",)
    ),
    "services.LoadReport.percentiles": lambda _w: Call(
        _load_report().percentiles, {"shares": 99}, positional=("shares",)
    ),
    "services.LoadReport.require_kept_up": lambda _w: Call(
        _load_report().require_kept_up, {"limit_seconds": 0.01}
    ),
    "services.SpanSink": lambda w: Call(
        services.SpanSink,
        {"topic": w.scratch, "at_most": 10, "settings": {"linger.ms": 5}},
        lambda sink: (sink.start(), sink.stop()),
    ),
    "services.SpanSink.flush": lambda w: Call(_span_sink(w).flush, {"seconds": 1}),
    "services.SpanSink.stop": lambda w: Call(_span_sink(w).stop, {"seconds": 1}),
    "services.Tracer": lambda _w: Call(
        services.Tracer, {"service": "shop", "sink": _nothing, "share": 1, "clock": lambda: 0}
    ),
    "services.availability": _of_spans(services.availability, every=SECONDS),
    "services.calls": _of_spans(services.calls),
    "services.latency": _of_spans(services.latency),
    "services.read_spans": lambda w: Call(
        services.read_spans, {"topic": w.fresh_topic().create(), "since": MOMENT}
    ),
    "services.spans_frame": lambda _w: Call(services.spans_frame, {"spans": []}),
    "services.spans_to_otlp_json": _of_spans(services.spans_to_otlp_json),
    "services.story": _of_spans(services.story, key="o-1"),
}


# -- views ----------------------------------------------------------------------------------------


def _fold(rows: Any, event: Any) -> None:
    """Do nothing with the event."""


def _view(world: World, fold: Any = _fold, **options: Any) -> views.View:
    view = views.View(f"wrong-calls.{world.name()}", fold, of=world.topic, **options)
    return world.kept(view)


def _built(world: World, **options: Any) -> views.View:
    view = _view(world, **options).start()
    return view.wait_for(view.end())


def _in_sqlite(world: World) -> views.View:
    return _built(world, store=views.SQLite("create table sold(product)"))


def _in_database(world: World) -> views.PostgresRows:
    view = _built(world, store=views.Postgres(world.database.url, ""))
    return views.PostgresRows(world.database.url, view.name)


def _file(world: World) -> views.SQLiteRows:
    return views.SQLiteRows(_in_sqlite(world).folder)


def _read(rows: Callable[[World], views.Rows]) -> Base:
    return lambda w: Call(rows(w).read, {"question": str})


def _sql(rows: Callable[[World], views.Rows]) -> Base:
    taken = {"query": "select ?", "parameters": [1]}
    return lambda w: Call(rows(w).sql, dict(taken))


def _snapshot(world: World) -> views.Snapshot:
    return world.kept(_view(world, store=views.SQLite("")).as_of(0))


def _of_a_view(world: World) -> dict[str, Any]:
    return {
        "fold": _fold,
        "store": views.Memory(),
        "keep": False,
        "batch": 10,
        "contract": None,
    }


def _embedded(world: World) -> sql.EmbeddedSql:
    """Return SQL that knows the stream of orders; it has no query, and nothing to end."""
    made = sql.EmbeddedSql(world.lab.cluster)
    made.run(
        f"CREATE STREAM orders (id STRING) WITH (KAFKA_TOPIC='{world.lab.name('orders')}',"
        " VALUE_FORMAT='JSON');"
    )
    return made


VIEWS: dict[str, Base] = {
    "lab.Lab.view": lambda w: Call(
        w.lab.view, {"name": w.name(), "of": "orders", **_of_a_view(w)}, _stopped
    ),
    "sql.EmbeddedSql": lambda w: Call(
        sql.EmbeddedSql, {"kafka": w.lab.cluster, "folder": None}, lambda made: made.close()
    ),
    "sql.EmbeddedSql.run": lambda w: Call(_embedded(w).run, {"statements": "DEFINE a = 'b';"}),
    "sql.EmbeddedSql.rows": lambda w: Call(_embedded(w).rows, {"query": "SHOW STREAMS;"}),
    "sql.EmbeddedSql.each_row": lambda w: Call(
        _embedded(w).each_row,
        {"query": "SELECT * FROM orders EMIT CHANGES;", "take": len},
        lambda push: push.stop(),
    ),
    "sql.EmbeddedSql.topic": lambda w: Call(_embedded(w).topic, {"name": "orders"}),
    "sql.SqlServer": lambda w: Call(
        sql.SqlServer, {"service_id": w.name(), "port": 0}, lambda server: server.stop()
    ),
    "sql.run_statements": lambda _w: Call(
        sql.run_statements, {"statements": "DEFINE a = 'b';", "inputs": []}
    ),
    "views.DuckDB": lambda w: Call(
        views.DuckDB,
        {"schema": ""},
        lambda store: _stopped(_built(w, fold=views.in_batches(_fold), store=store)),
    ),
    "views.Memory": lambda _w: Call(views.Memory, {"new": dict}),
    "views.Postgres": lambda w: Call(
        views.Postgres,
        {"url": w.database.url, "schema": ""},
        lambda store: _stopped(_built(w, store=store)),
    ),
    "views.PostgresRows": lambda w: Call(
        views.PostgresRows, {"url": w.database.url, "name": "sold"}, lambda rows: rows.close()
    ),
    "views.PostgresRows.read": _read(_in_database),
    "views.PostgresRows.sql": lambda w: Call(
        _in_database(w).sql, {"query": "select %s", "parameters": [1]}
    ),
    "views.Rebuilding.wait": lambda w: Call(
        w.kept(_built(w).rebuild()).wait, {"timeout_seconds": 1}
    ),
    "views.Rows.read": _read(_built),
    "views.Rows.sql": _sql(_in_sqlite),
    "views.SQLite": lambda w: Call(
        views.SQLite, {"schema": ""}, lambda store: _stopped(_built(w, store=store))
    ),
    "views.SQLiteRows": lambda w: Call(views.SQLiteRows, {"folder": _in_sqlite(w).folder}),
    "views.SQLiteRows.read": _read(_file),
    "views.SQLiteRows.sql": _sql(_file),
    "views.Snapshot.read": _read(_snapshot),
    "views.Snapshot.sql": _sql(_snapshot),
    "views.View": lambda w: Call(
        views.View,
        {"name": f"wrong-calls.{w.name()}", "of": w.topic, **_of_a_view(w)},
        moved,
    ),
    "views.View.as_of": lambda w: Call(_view(w).as_of, {"when": MOMENT}),
    "views.View.over": lambda w: Call(_view(w).over, {"settings": w.lab.kafka}, _stopped),
    "views.View.placed": lambda w: Call(_built(w).placed, {"position": 1}),
    "views.View.read": _read(_built),
    "views.View.reaches": lambda w: Call(
        _built(w).reaches, {"position": 0, "timeout_seconds": 1}, looping.run
    ),
    "views.View.rebuild": lambda w: Call(
        _built(w).rebuild, {"fold": _fold, "store": views.Memory()}, _stopped
    ),
    "views.View.sql": _sql(_in_sqlite),
    "views.View.start": lambda w: Call(_view(w).start, {"fold": None}),
    "views.View.wait_for": lambda w: Call(
        _built(w).wait_for, {"position": 0, "timeout_seconds": 1}
    ),
    "views.app": lambda w: Call(
        views.app, {"view": _view(w), "answer": apps.hello, "timeout_seconds": 1}
    ),
    "views.in_batches": lambda w: Call(
        views.in_batches, {"fold": _fold}, lambda fold: views.View("v", fold, of=w.topic)
    ),
    "views.difference": lambda w: Call(views.difference, {"one": _built(w), "other": _built(w)}),
}

BASES: dict[str, Base] = {
    **LAB,
    **LOG,
    **STREAMS,
    **EVENTS,
    **FLOWS,
    **SERVICES,
    **LIVE,
    **PICTURES,
    **TEACH,
    **BROKER,
    **SCHEMAS,
    **DATABASE,
    **TRACES,
    **MESH,
    **VIEWS,
}
