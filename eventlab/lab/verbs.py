"""What one does with a chapter's topics, events, flows, tables, views, services, databases."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

from eventlab import log
from eventlab.arguments import refused, required_name
from eventlab.checked import checked
from eventlab.folders import data_folder, named_folder
from eventlab.lab.flink_verbs import FlinkVerbs
from eventlab.lab.opened import closing
from eventlab.log.topics import Setting

if TYPE_CHECKING:  # a chapter without flows, or that reads no topic, needs none of this
    import pandas
    from bytewax.dataflow import Dataflow

    from eventlab.flows import Running
    from eventlab.log.schemas import Contract
    from eventlab.services import FaultSchedule
    from eventlab.streams import Table, TopicSink, TopicSource
    from eventlab.views import View
    from eventlab.views.stores import Store

Thing = TypeVar("Thing")
Contracts = Mapping[log.Topic | str, "Contract"]


class Verbs(FlinkVerbs):
    """Work with topics, events, flows and tables whose names begin with one prefix.

    Where a method takes a topic, its name will do. What it opens is closed by `opened`. Those of
    services are in ServiceVerbs, those of databases in DatabaseVerbs, those of SQL in SqlVerbs,
    and that of Apache Flink in FlinkVerbs.
    """

    # -- the chapter's own names and settings -----------------------------------------------------

    @property
    def kafka(self) -> dict[str, Any]:
        """Return settings for plain clients: Producer(lab.kafka), Consumer(lab.kafka | {...}).

        A consumer that dies loses its partitions to the others of its group within three seconds
        (on a cluster of your own six), not within the 45 that are Kafka's default.
        """
        return self.cluster.settings

    @checked
    def name(self, name: str) -> str:
        """Return a name that is this chapter's own, for a transaction, or a group that goes on.

        Examples:
            >>> lab.name("audit")
            'examples.audit'
        """
        own = name.removeprefix(self._prefix)
        return self._prefix + required_name("name", own, example='"orders"')

    @checked
    def new_group(self, name: str) -> str:
        """Return a name for a consumer group that has read nothing: each call returns another.

        So a cell that runs again reads from the first record, and no member is in its way that an
        earlier run has left behind.

        Examples:
            >>> group = lab.new_group("audit")
            >>> group.startswith("examples.audit.") and group != lab.new_group("audit")
            True
        """
        return f"{self.name(name)}.{uuid4().hex[:8]}"

    # -- topics -----------------------------------------------------------------------------------

    @checked
    def topic(self, name: log.Topic | str) -> log.Topic:
        """Return one of the chapter's topics, whether it is there or not; it deletes nothing.

        Examples:
            >>> orders = lab.topic("orders")
            >>> orders.partitions
            [0]
        """
        return name if isinstance(name, log.Topic) else log.Topic(self.cluster, self.name(name))

    @checked
    def new_topic(
        self, name: log.Topic | str, partitions: int = 1, **settings: Setting
    ) -> log.Topic:
        """Make a topic of the chapter anew and empty, whatever was in it.

        Kafka's settings of a topic are written with underscores for dots: cleanup_policy="compact".
        What plays into the topic is stopped; groups that have read it begin at its first record.
        Raises UsageError, TopicError and BrokerError.

        Examples:
            >>> payments = lab.new_topic("payments", partitions=2)
            >>> payments.end_offsets()
            {0: 0, 1: 0}
        """
        topic = self.topic(name)
        texts = {key.replace("_", "."): str(value) for key, value in settings.items()}
        topic.require_makeable(partitions, texts)  # before what plays into it is stopped
        self._opened.close_at(f"into {topic}")
        topic.reset(partitions, texts)
        if self.broker.external:  # our own broker is ready only when its groups have been loaded
            log.begin_anew(topic, self._prefix)
        return topic

    @checked
    def produce(
        self,
        items: Iterable[Any],
        *,
        into: log.Topic | str,
        key: Any = None,
        contract: "Contract | None" = None,
    ) -> log.Report:
        """Write every item, return when all are acknowledged; `key` names the field to key by.

        With a `contract`, an event that breaks it is not written, and raises EventError.

        Examples:
            >>> report = lab.produce([("ann", {"cents": 20})], into="orders")
            >>> report.acknowledged
            1
        """
        return log.produce(self.topic(into), items, key=key, contract=contract)

    @checked
    def read(self, topic: log.Topic | str, **stretch: Any) -> "pandas.DataFrame":
        """Return a topic's events as a DataFrame, or a stretch of it: start, end, since, until.

        With `contract=` they are read as that version of the topic's contract knows them.

        Where records cannot be decoded one line says how many, and that eventlab.log.read has them
        with the reasons, as its `unreadable`.

        Examples:
            >>> lab.read("orders")[["key", "cents"]]
               key  cents
            0  ann     20
            1  bob      5
        """
        reading = log.read(self.topic(topic), **stretch)
        if len(reading.unreadable):
            how = ", contract=..." if stretch.get("contract") else ""
            print(
                f"{len(reading.unreadable)} records of {topic} could not be decoded:"
                f" eventlab.log.read(topic{how}).unreadable has them, with the reasons"
            )
        return reading.events

    @checked
    def play(
        self,
        events: Iterable[Any],
        *,
        into: Any,
        speed: float = 1.0,
        key: Any = None,
        contract: "Contract | None" = None,
        control: bool = True,
        path: str = "/",
        timeout_seconds: float = 2.0,
        on_answer: Callable[[Any], object] | None = None,
        faults: "FaultSchedule | None" = None,
    ) -> log.Playing:
        """Play events into a topic in the background, and show a control for it.

        `speed` is virtual seconds per second, 0 as fast as the machine can. What was playing into
        the topic before is stopped. Where `into` is a service or a link, or a list of them, each
        event is a request to each, at `path`, given up after `timeout_seconds`, and `on_answer`
        gets every Answer (see services.RequestPlayer). Into a topic they may go under a `contract`,
        and one that breaks it ends the play. The outages of `faults` happen to services
        of the lab, and to the links between them, as the story passes their moments.

        Examples:
            >>> from itertools import islice
            >>> from eventlab.events import Shop
            >>> orders = islice(Shop(seed=7).orders(), 100)
            >>> lab.play(orders, into="orders", speed=0, control=False).wait().sent
            100
        """
        if isinstance(into, log.Topic | str):
            topic = self.topic(into)
            player: log.Playing = log.Player(topic, events, speed=speed, key=key, contract=contract)
        elif contract is not None:
            raise refused("contract", contract, "None, for what is played into services", "None")
        else:
            player = _request_player(
                events,
                into,
                speed=speed,
                path=path,
                timeout_seconds=timeout_seconds,
                on_answer=on_answer,
            )
        if faults is not None:
            player.interludes = self._scheduled(faults)
        self._opened.close_at(f"into {player.place}")  # nothing is left that could be refused
        self._opened.add(player.stop, f"into {player.place}")
        self._begin(player, control=control)
        return player

    # -- flows ------------------------------------------------------------------------------------

    @checked
    def source(self, topic: log.Topic | str, **options: Any) -> "TopicSource":
        """Return a bytewax source that reads a topic; see streams.TopicSource for its options.

        Examples:
            >>> lab.source("orders", bounded=True).topic.name
            'examples.orders'
        """
        from eventlab.streams import TopicSource

        return TopicSource(self.topic(topic), **options)

    @checked
    def sink(self, topic: log.Topic | str, partitions: int = 1) -> "TopicSink":
        """Return a bytewax sink that writes to a topic, which is made if it is not there.

        Examples:
            >>> totals = lab.sink("totals", partitions=2)
            >>> totals.topic.partitions
            [0, 1]
        """
        from eventlab.streams import TopicSink

        return TopicSink(self.topic(topic).made(partitions))

    @checked
    def run(self, flow: "Dataflow", *, recovery: bool = False, **options: Any) -> "Running":
        """Run a bytewax flow in the background; what ran under its name before is stopped.

        With `recovery` it keeps what it knows, and goes on there when it is run again;
        `lab.forget(name)` lets it begin anew. `where="process"` gives it a process of its own,
        `processes=2` two of them that share the work. See flows.run, and flows.Running for what one
        sees and can do.

        Examples:
            >>> flow = Dataflow("copy")
            >>> arriving = op.input("in", flow, lab.source("orders", bounded=True))
            >>> op.output("out", arriving, lab.sink("copies"))
            >>> lab.run(flow).wait()
            True
        """
        from eventlab.flows.control import require_runnable
        from eventlab.flows.launching import made

        require_runnable(flow)
        store = self._store(flow.flow_id) if recovery else None
        running = made(flow, recovery=store, **options)
        # What runs under its name goes on until nothing is left that could be refused.
        self._opened.close_at(f"flow {flow.flow_id}")
        running.start()
        self._opened.add(running.stop, f"flow {flow.flow_id}")
        return running

    @checked
    def forget(self, flow: str) -> None:
        """Delete what a flow keeps, so that it begins anew; it is stopped if it runs.

        Examples:
            >>> lab.forget("copy")
        """
        from eventlab.flows.recovery import forget

        store = self._store(flow)  # before anything is stopped
        self._opened.close_at(f"flow {flow}")
        forget(store)

    @checked
    def table(self, topic: log.Topic | str) -> "Table":
        """Return a topic as a table that follows it: the last value of each key, up to date.

        Examples:
            >>> lab.table("orders").get("ann")
            {'cents': 20}
        """
        from eventlab.streams import Table

        table = Table(self.topic(topic)).start()
        self._opened.add(table.stop, f"table of {table.topic}")  # closes the one before
        return table.catch_up()

    @checked
    def view(
        self,
        name: str,
        fold: Callable[..., object] | Mapping[str, Callable[..., object]],
        *,
        of: log.Topic | str | None = None,
        store: "Store | None" = None,
        keep: bool = False,
        batch: int = 1000,
        contract: "Contract | Contracts | None" = None,
    ) -> "View":
        """Build a view of a topic, and return at once; it goes on until its cell is run again.

        `fold(rows, event)` changes the rows for one event, in memory (a dict) or in a `store`, as
        SQLite("create table ..."). It begins at the first record, unless it is to `keep` what a
        view of that name has. A dict of folds by topic makes a view of several. With a `contract`
        (with several topics, a dict of them by topic) events are read by it. See views.View.

        Examples:
            >>> def paid(rows, order, place):
            ...     rows[place.key] = rows.get(place.key, 0) + order["cents"]
            >>> view = lab.view("paid", paid, of="orders")
            >>> view.wait_for(view.end()).read(dict)
            {'ann': 20, 'bob': 5}
        """
        from eventlab.views import Memory, View

        view = View(
            self.name(name),
            self._by_topic(fold) if isinstance(fold, Mapping) else fold,
            of=None if of is None else self.topic(of),
            store=Memory() if store is None else store,
            keep=keep,
            batch=batch,
            contract=self._by_topic(contract) if isinstance(contract, Mapping) else contract,
        )
        # Whatever is wrong is said before the one that has the name ends: two would share a store.
        view.store.check()
        view.end()
        self._end_view(view.name)
        self._opened.add(view.stop, f"view {view.name}")
        return view.start()

    def _end_view(self, name: str) -> None:
        self._opened.close_at(f"view {name}")

    @checked
    def keep(self, thing: Thing) -> Thing:
        """Close a thing of yours when its cell is run again, or the lab closes; return it.

        It has `stop()` or `close()`, as followers, consumers and servers do, or is a function.

        Examples:
            >>> from confluent_kafka import Consumer
            >>> audit = lab.keep(Consumer(lab.kafka | {"group.id": lab.new_group("audit")}))
        """
        self._opened.add(closing(thing))
        return thing

    # -- how --------------------------------------------------------------------------------------

    def _begin(self, player: log.Playing, *, control: bool) -> None:
        """Let a player play; where it is shown, with its control."""
        player.start()

    def _by_topic(self, folds: Mapping[Any, Any]) -> dict[log.Topic, Any]:
        return {self.topic(topic): fold for topic, fold in folds.items()}

    def _store(self, flow: str) -> Path:
        return named_folder(data_folder() / "flows", self.name(flow))


def _request_player(events: Iterable[Any], into: Any, **options: Any) -> log.Playing:
    from eventlab.services.request_player import RequestPlayer

    return RequestPlayer(into if isinstance(into, list) else [into], events, **options)
