"""Lab: the one object that a notebook needs; it ties the rooms together and closes them again."""

import atexit
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar
from uuid import uuid4

import pandas
from IPython.display import display

from eventlab import log, teach
from eventlab.arguments import required_name
from eventlab.broker import join
from eventlab.checked import checked
from eventlab.errors import UsageError, shown
from eventlab.folders import data_folder, named_folder
from eventlab.lab.card import card, plain_card
from eventlab.lab.names import checked_chapter, prefix_of, seat_name
from eventlab.lab.notebook import has_page, parameter
from eventlab.lab.opened import Close, Opened, closing
from eventlab.lab.progress import Progress
from eventlab.live.renderer import use_renderer
from eventlab.log.topics import Setting
from eventlab.processes.closing import after_fork, close_all

if TYPE_CHECKING:  # a chapter without flows needs none of this
    from bytewax.dataflow import Dataflow

    from eventlab.flows import Running
    from eventlab.streams import Table, TopicSink, TopicSource

_open: dict[str, "Lab"] = {}


class Shown(Protocol):
    """What `show` takes: the pictures, charts and controls of eventlab."""

    def show(self) -> object:
        """Show it in the running cell's output."""

    def stop(self) -> object:
        """End it."""


Picture = TypeVar("Picture", bound=Shown)
Thing = TypeVar("Thing")


class Lab:
    """Join the broker, or start it, and show a small card; everything a chapter uses hangs on this.

    `chapter` ("00") is the prefix of the chapter's own topics and groups: two notebooks share the
    broker, and never each other's topics. Another Lab for the same chapter closes the one before.
    It closes by itself when the kernel ends; in a program use it as a context manager. Where a
    method takes a topic, its name will do. Raises SetupError and BrokerError.
    """

    @checked
    def __init__(self, chapter: str = "workbench") -> None:
        self.chapter = checked_chapter(chapter)
        earlier = _open.pop(self.chapter, None)
        if earlier is not None:
            earlier.close()
        self._opened = Opened()
        self._forget_card: Close = _nothing
        with Progress() as progress:
            self.broker = join(seat_name(self.chapter), progress)
        self.cluster = log.Cluster(
            self.broker.client_settings, self.broker.when_away, lambda: self.broker.away
        )
        log.prepare(self.cluster)
        self._prefix = prefix_of(self.chapter, shared=self.broker.external)
        use_renderer()
        self._show_card()
        _open[self.chapter] = self

    def __repr__(self) -> str:
        return f"Lab(chapter={self.chapter!r})"

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
        self, items: Iterable[Any], *, into: log.Topic | str, key: Any = None
    ) -> log.Report:
        """Write every item, return when all are acknowledged; `key` names the field to key by.

        Examples:
            >>> report = lab.produce([("ann", {"cents": 20})], into="orders")
            >>> report.acknowledged
            1
        """
        return log.produce(self.topic(into), items, key=key)

    @checked
    def read(self, topic: log.Topic | str, **stretch: Any) -> pandas.DataFrame:
        """Return a topic's events as a DataFrame, or a stretch of it: start, end, since, until.

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
            print(
                f"{len(reading.unreadable)} records of {topic} could not be decoded:"
                " eventlab.log.read(topic).unreadable has them, with the reasons"
            )
        return reading.events

    @checked
    def play(
        self,
        events: Iterable[Any],
        *,
        into: log.Topic | str,
        speed: float = 1.0,
        key: Any = None,
        control: bool = True,
    ) -> log.Player:
        """Play events into a topic in the background, and show a control for it.

        `speed` is virtual seconds per second, 0 as fast as the machine can. What was playing into
        the topic before is stopped.

        Examples:
            >>> from itertools import islice
            >>> from eventlab.events import Shop
            >>> orders = islice(Shop(seed=7).orders(), 100)
            >>> lab.play(orders, into="orders", speed=0, control=False).wait().sent
            100
        """
        topic = self.topic(into)
        player = log.Player(topic, events, speed=speed, key=key)
        self._opened.close_at(f"into {topic}")  # nothing is left that could be refused
        player.start()
        self._opened.add(player.stop, f"into {topic}")
        if control:
            from eventlab.live import PlayerControl

            self.show(PlayerControl(player))
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

    # -- what is shown, and kept ------------------------------------------------------------------

    @checked
    def show(self, picture: Picture) -> Picture:
        """Show a picture, chart or control in the running cell's output, and return it.

        It moves while cells run, and is stopped when its cell is run again, or when the lab closes;
        its own `stop()` leaves its picture in the notebook.

        Examples:
            >>> from eventlab.pictures import Lanes
            >>> lanes = lab.show(Lanes(lab.topic("orders"), readers=2))
            >>> lanes.stop()
        """
        if not hasattr(picture, "show") or not hasattr(picture, "stop"):
            raise UsageError(
                "This cannot be shown by the lab",
                expected="a picture, chart or control of eventlab.pictures or eventlab.live",
                found=f"{type(picture).__name__} {shown(picture)}",
                remedy="A chart of Altair's own is shown as the last value of a cell.",
            )
        self._opened.add(picture.stop)
        picture.show()
        return picture

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

    # -- teaching ---------------------------------------------------------------------------------

    @checked
    def claim(self, claim: str, sentence: str, *, needs: str, **figures: Any) -> teach.Claim:
        """State what this run showed, with the figures that decide it; shown as one line.

        `needs` is the inequality that has to be true of the figures, such as "factor >= 3".
        The seed and whether the run was broken on purpose are the notebook's SEED and BREAK.

        Examples:
            >>> claim = lab.claim("00.more", "Ann pays more", needs="ann > bob", ann=20, bob=5)
            >>> claim.holds
            True
        """
        return teach.Claim(
            claim,
            sentence,
            needs=needs,
            figures=figures,
            broken=bool(parameter("BREAK", False)),
            seed=parameter("SEED"),
            versions={"kafka": self.broker.version},
        )

    @checked
    def predict(self, about: str, question: str, options: Sequence[str] = (), **more: Any) -> Any:
        """Ask for a guess before the run, without waiting for it; see teach.predict.

        Examples:
            >>> guess = lab.predict("00.order", "Who pays more?", ["ann", "bob"])
        """
        from eventlab.live import acts_while_busy

        return teach.predict(about, question, options, prepare=acts_while_busy, **more)

    @checked
    def reveal(self, about: str, outcome: Any, why: str = "") -> Any:
        """Show the guess against what came out, and say why in a sentence with this run's figures.

        Examples:
            >>> guess = lab.predict("00.sum", "How many cents do both pay?")
            >>> lab.reveal("00.sum", 25).outcome
            25.0
        """
        return teach.reveal(about, outcome, why)

    def check(self, exercise: str, *answer: Any, **given: Any) -> teach.Verdict:
        """Judge the answer to an exercise; it never raises.

        Examples:
            >>> lab.check("01.1", ...).state
            'not yet'
        """
        return teach.check(exercise, *answer, **given)

    # -- the end ----------------------------------------------------------------------------------

    def close(self) -> None:
        """Stop everything that was opened and leave the broker; it ends with its last user.

        All is closed even where something cannot be: what that raised is raised at the end.

        Examples:
            >>> lab.close()
        """
        if _open.get(self.chapter) is self:
            del _open[self.chapter]
        close_all([self._opened.close_all, self._forget_card, self.broker.close])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    # -- how --------------------------------------------------------------------------------------

    def _store(self, flow: str) -> Path:
        return named_folder(data_folder() / "flows", self.name(flow))

    def _show_card(self) -> None:
        if not has_page():  # a plain script: IPython would print the dict of HTML
            print(plain_card(self.chapter, self.broker))
            return
        handle = display(card(self.chapter, self.broker), raw=True, display_id=True)
        if handle is None:
            return

        def renew(_state: object) -> None:
            handle.update(card(self.chapter, self.broker), raw=True)

        self._forget_card = self.broker.on_change(renew)


def _nothing() -> None:
    """Do nothing: there is no card to forget."""


@atexit.register
def _close_all() -> None:
    close_all([lab.close for lab in list(_open.values())])


def _forget_labs() -> list[Lab]:
    labs = list(_open.values())
    _open.clear()
    return labs


after_fork(_forget_labs)  # what the labs of its parent hold, a child is not to close
