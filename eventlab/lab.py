"""Lab: the one object that a notebook needs; it ties the rooms together and closes them again."""

import atexit
import getpass
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas
from IPython.display import display

from eventlab import log, teach
from eventlab.broker import join
from eventlab.card import card, seat_name
from eventlab.errors import UsageError
from eventlab.folders import data_folder
from eventlab.live.renderer import use_renderer
from eventlab.notebook import Opened, Progress, parameter

if TYPE_CHECKING:
    from bytewax.dataflow import Dataflow

    from eventlab.lanes import Lanes
    from eventlab.live import Card, EventCards, LiveChart
    from eventlab.streams import Running, TopicSink, TopicSource

_open: dict[str, "Lab"] = {}


class Lab:
    """Join the broker, or start it, and show a small card; everything a chapter uses hangs on this.

    `chapter` ("00") is the prefix of the chapter's own topics and groups: two notebooks share the
    broker, and never each other's topics. Another Lab for the same chapter closes the one before.
    It closes by itself when the kernel ends; in a program use it as a context manager. Raises
    SetupError and BrokerError.
    """

    def __init__(self, chapter: str = "workbench"):
        self.chapter = _checked(chapter)
        if earlier := _open.pop(self.chapter, None):
            earlier.close()
        self._opened = Opened()
        with Progress() as progress:
            self.broker = join(seat_name(self.chapter), progress)
        self.cluster = log.Cluster(self.broker.client_settings)
        log.prepare(self.cluster)
        self._prefix = _prefix(self.chapter, shared=self.broker.external)
        use_renderer()
        self._show_card()
        _open[self.chapter] = self

    # -- the log --------------------------------------------------------------------------------

    @property
    def kafka(self) -> dict:
        """Return settings for plain clients: Producer(lab.kafka), Consumer(lab.kafka | {...})."""
        return self.cluster.settings

    def name(self, name: str) -> str:
        """Return a name that is this chapter's own, for a consumer group or a transaction."""
        return name if name.startswith(self._prefix) else self._prefix + name

    def topic(self, name: str, partitions: int = 1, **settings: str) -> log.Topic:
        """Make the chapter's own topic anew and empty; settings with underscores for dots."""
        topic = self._topic(name)
        texts = {key.replace("_", "."): str(value) for key, value in settings.items()}
        self._opened.close_at(f"into {topic}")
        return topic.reset(partitions, texts)

    def topics(self) -> pandas.DataFrame:
        """Return the chapter's topics: topic, partitions."""
        return log.topics(self.cluster, self._prefix)

    def produce(
        self, items: Iterable[Any], *, into: log.Topic | str, key: Any = None
    ) -> log.Report:
        """Write every item, return when all are acknowledged; `key` names the field to key by."""
        return log.produce(self._topic(into), items, key=key)

    def read(self, topic: log.Topic | str, **stretch: Any) -> pandas.DataFrame:
        """Return a topic's events as a DataFrame, or a stretch of it: start, end, since, until.

        What cannot be decoded is told of in one line, and is in `lab.unreadable(topic)`.
        """
        reading = log.read(self._topic(topic), **stretch)
        if len(reading.unreadable):
            count = len(reading.unreadable)
            print(f"{count} records could not be decoded: lab.unreadable({str(topic)!r})")
        return reading.events

    def unreadable(self, topic: log.Topic | str, **stretch: Any) -> pandas.DataFrame:
        """Return the records of a topic that cannot be decoded, each with the reason."""
        return log.read(self._topic(topic), **stretch).unreadable

    def follow(
        self, topic: log.Topic | str, on_batch: Callable[[log.Batch], object], **options: Any
    ) -> log.Follower:
        """Hand every batch of a topic to a function, in the background; see log.follow."""
        follower = log.follow(self._topic(topic), on_batch, **options)
        self._opened.add(follower.stop)
        return follower

    def take_turns(self, consumers: Sequence, *, up_to: int, seconds: float) -> list[list]:
        """Let plain consumers read in turn, and return what each has read; see log.take_turns."""
        return log.take_turns(consumers, up_to=up_to, seconds=seconds)

    def lag(self, group: str) -> pandas.DataFrame:
        """Return how far one of the chapter's groups is behind, partition by partition."""
        return log.lag(self.cluster, self.name(group))

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
        """
        topic = self._topic(into)
        self._opened.close_at(f"into {topic}")
        player = log.Player(topic, events, speed=speed, key=key)
        self._opened.add(player.stop, f"into {topic}")
        if control:
            self._show_control(player)
        return player

    # -- flows ----------------------------------------------------------------------------------

    def source(self, topic: log.Topic | str, **options: Any) -> "TopicSource":
        """Return a bytewax source that reads a topic; see streams.TopicSource for its options."""
        from eventlab.streams import TopicSource

        return TopicSource(self._topic(topic), **options)

    def sink(self, topic: log.Topic | str, partitions: int = 1) -> "TopicSink":
        """Return a bytewax sink that writes to a topic, which is made if it is not there."""
        from eventlab.streams import TopicSink

        return TopicSink(self._topic(topic).made(partitions))

    def run(self, flow: "Dataflow", *, recovery: bool = False, **options: Any) -> "Running":
        """Run a bytewax flow in the background; what ran under its name before is stopped.

        With `recovery` it keeps what it knows, and goes on there when it is run again;
        `lab.forget(name)` lets it begin anew. See streams.Running for what one sees and can do.
        """
        from eventlab.streams import Running

        self._opened.close_at(f"flow {flow.flow_id}")
        store = self._store(flow.flow_id) if recovery else None
        running = Running(flow, recovery=store, **options)
        self._opened.add(running.stop, f"flow {flow.flow_id}")
        return running

    def forget(self, flow: str) -> None:
        """Delete what a flow keeps, so that it begins anew; it is stopped if it runs."""
        from eventlab.streams.recovery import forget

        self._opened.close_at(f"flow {flow}")
        forget(self._store(flow))

    def _store(self, flow: str) -> Path:
        return data_folder() / "flows" / self.name(flow)

    # -- pictures -------------------------------------------------------------------------------

    def chart(
        self,
        chart: Any,
        *,
        follow: log.Topic | str | None = None,
        start: log.Start = "earliest",
        per_batch: Callable[[log.Batch], dict] | None = None,
        **options: Any,
    ) -> "LiveChart":
        """Show an Altair chart over alt.NamedData("live") that moves, and return it.

        `follow` names the topic whose events it draws, from `start` on; `per_batch` makes the
        columns of a batch, by default the events' own and `arrived`, the time it is now. Without
        `follow`, push rows yourself. Other options are LiveChart's: time, window, keep, key, alt,
        controls. `stop()` it from a cell to leave its picture in the notebook.
        """
        from eventlab.live import LiveChart

        live = LiveChart(chart, **options)
        if follow is not None:
            columns = per_batch or _with_arrival
            follower = log.follow(
                self._topic(follow), lambda batch: live.push(**columns(batch)), start=start
            )
            live.on_stop(follower.stop)
        self._opened.add(live.stop)
        return live.show()

    def lanes(
        self, topic: log.Topic, *, readers: int, by: str, highlight: Sequence[str] = ()
    ) -> "Lanes":
        """Show a topic's partitions as lanes that fill, and readers that follow it.

        The records whose field `by` has a value in `highlight` are coloured. Each reader has its
        own pace and place; the control, or `rewind(reader)`, sets one back to the start.
        """
        from eventlab.lanes import Lanes

        lanes = Lanes(topic, readers=readers, by=by, highlight=highlight)
        self._opened.add(lanes.chart.stop)
        return lanes

    def cards(self, *, follow: log.Topic | str, newest: int = 6) -> "EventCards":
        """Show the newest records of a topic as cards that fall into the log."""
        from eventlab.live import EventCards

        cards = EventCards(newest)
        follower = log.follow(
            self._topic(follow), lambda batch: cards.push(map(_card, batch.rows[-newest:]))
        )
        cards.on_stop(follower.stop)
        self._opened.add(cards.stop)
        return cards.show()

    def buttons(self, actions: dict[str, Callable[[], object]]):
        """Return a row of buttons; each runs its action at once, also while a cell runs."""
        from eventlab.live import Buttons

        return Buttons(actions)

    def _show_control(self, player: log.Player) -> None:
        from eventlab.live import PlayerControl

        control = PlayerControl(player)
        self._opened.add(control.stop)
        display(control)

    # -- teaching -------------------------------------------------------------------------------

    def claim(self, claim: str, sentence: str, *, holds: bool, **figures: Any) -> teach.Claim:
        """State what this run showed, with the figures that decided it; shown as one line.

        The seed and whether the run was broken on purpose are the notebook's SEED and BREAK.
        """
        return teach.Claim(
            claim,
            sentence,
            holds=holds,
            figures=figures,
            broken=bool(parameter("BREAK", False)),
            seed=parameter("SEED"),
            versions={"kafka": self.broker.version},
        )

    def predict(self, about: str, question: str, options: Sequence[str] = (), **more: Any):
        """Ask for a guess before the run, without waiting for it; see teach.predict."""
        from eventlab.live import acts_while_busy

        return teach.predict(about, question, options, prepare=acts_while_busy, **more)

    def reveal(self, about: str, outcome: Any):
        """Show the guess against what came out."""
        return teach.reveal(about, outcome)

    def check(self, exercise: str, *answer: Any, **given: Any) -> teach.Verdict:
        """Judge the answer to an exercise; it never raises."""
        return teach.check(exercise, *answer, **given)

    # -- end ------------------------------------------------------------------------------------

    def close(self) -> None:
        """Stop everything that was opened and leave the broker; it ends with its last user."""
        self._opened.close_all()
        self._forget_card()
        self.broker.close()
        if _open.get(self.chapter) is self:
            del _open[self.chapter]

    def __enter__(self) -> "Lab":
        return self

    def __exit__(self, *_error) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Lab(chapter={self.chapter!r})"

    def _topic(self, topic: log.Topic | str) -> log.Topic:
        return topic if isinstance(topic, log.Topic) else log.Topic(self.cluster, self.name(topic))

    def _show_card(self) -> None:
        handle = display(card(self.chapter, self.broker), raw=True, display_id=True)
        renew = lambda _state: handle.update(card(self.chapter, self.broker), raw=True)  # noqa: E731
        self._forget_card = self.broker.on_change(renew) if handle else lambda: None


def _with_arrival(batch: log.Batch) -> dict[str, list]:
    return batch.columns | {"arrived": [datetime.now(UTC)] * len(batch)}


def _card(row: dict[str, Any]) -> "Card":
    from eventlab.live import Card

    place = f"partition {row['partition']}, offset {row['offset']}"
    moment = datetime.fromtimestamp(row["timestamp"] / 1000, UTC)
    return Card(str(row.get("type", "record")), [f"key {row['key']}", f"{moment:%H:%M:%S}", place])


def _prefix(chapter: str, *, shared: bool) -> str:
    own = f"ch{chapter}." if chapter[:1].isdigit() else f"{chapter}."
    # On a cluster that others use too, the user's name comes before it.
    return re.sub(r"[^\w.-]", "_", getpass.getuser()) + "." + own if shared else own


def _checked(chapter: str) -> str:
    if isinstance(chapter, str) and re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", chapter):
        return chapter
    raise UsageError(
        "A lab belongs to a chapter",
        expected='its number, such as "00", or a short name',
        found=repr(chapter),
        remedy='Write Lab(chapter="00").',
    )


@atexit.register
def _close_all() -> None:
    for lab in list(_open.values()):
        lab.close()
