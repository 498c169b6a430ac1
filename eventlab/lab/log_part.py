"""The log as a lab offers it: topics, producing, reading, following, groups, playing."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pandas
from IPython.display import display

from eventlab import log
from eventlab.lab.part import LabPart


class LogPart(LabPart):
    """Topics of the chapter's own, and what goes into and comes out of them."""

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

    def _show_control(self, player: log.Player) -> None:
        from eventlab.live import PlayerControl

        control = PlayerControl(player)
        self._opened.add(control.stop)
        display(control)
