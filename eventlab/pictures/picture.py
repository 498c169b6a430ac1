"""What every picture of streams is: a live widget, and what feeds it once it is shown."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import Any, Self

from eventlab.errors import LogError
from eventlab.live.ticker import Ticker
from eventlab.live.widget import Feed, LiveWidget
from eventlab.log import Batch, Follower, Start, Topic, follow


class Picture(ABC):
    """Draw what topics, tables or flows show; `chart` is the live widget that draws.

    To make one starts nothing and shows nothing. `show` does, `stop` ends it, and either may be
    called twice. What cannot be read or drawn is told in one line under the picture, and the rest
    goes on.
    """

    def __init__(self, chart: LiveWidget) -> None:
        self.chart = chart
        self._is_started = False

    def start(self) -> Self:
        """Begin to follow what it draws, without showing it; a second call does nothing.

        Raises what `eventlab.log.follow` raises.
        """
        if not self._is_started:
            self._is_started = True
            self._begin()
        self.chart.start()
        return self

    def show(self) -> Self:
        """Show it in the running cell's output, and start; a second call does nothing."""
        self.start()
        try:
            self.chart.show()
        except BaseException:
            self.stop()  # what feeds it would go on without a picture
            raise
        return self

    def stop(self) -> None:
        """End the movement and leave the picture in the output; call it from a cell.

        A second call does nothing.
        """
        self.chart.stop()

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return what a learner can do with it on a stage: the words of a button, and its act."""
        return {}

    def scores(self) -> dict[str, Any]:
        """Return what it counts, by name, for the scoreboard of a stage."""
        return {}

    def settle(self) -> None:  # noqa: B027  most pictures have nothing to wait for
        """Return when all that was played has come to it."""

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return type(self).__name__

    def _ipython_display_(self) -> None:
        self.show()

    def _begin(self) -> None:
        try:
            for feed in self._feeds():
                self.chart.fed_by(feed)
        except BaseException:
            self.stop()  # those that have begun
            raise

    def _follow(
        self,
        topic: Topic,
        draw: Callable[[Batch], object],
        *,
        start: Start = "earliest",
        per_second: float | None = None,
    ) -> Follower:
        """Let `draw` have each batch of a topic, from its first record on.

        What it raises is told under the picture, and the next batch is drawn all the same.
        """

        def drawn(batch: Batch) -> None:
            if batch.unreadable and not self.chart.trouble:
                self.chart.report(_unreadable(topic, batch.unreadable[0]))
            self._try_to(lambda: draw(batch))

        return follow(topic, drawn, start=start, per_second=per_second, on_error=self.chart.report)

    def _again(self, act: Callable[[], object], per_second: float) -> Ticker:
        """Do something again and again; what it raises is told, and the next turn comes."""
        ticker = Ticker(lambda: self._try_to(act), per_second)
        ticker.start()
        return ticker

    def _try_to(self, act: Callable[[], object]) -> None:
        try:
            act()
        except Exception as error:  # nobody else would ever hear of it
            self.chart.report(error)

    @abstractmethod
    def _feeds(self) -> Iterable[Feed]:
        """Start what feeds the picture, one after the other, and yield each."""


def _unreadable(topic: Topic, record: dict[str, Any]) -> LogError:
    place = f"partition {record['partition']}, offset {record['offset']}"
    return LogError(
        f"Not every record of {topic} can be drawn",
        expected="JSON, with a time in milliseconds",
        found=f"one at {place} that cannot be read ({record['reason']})",
        remedy="eventlab.log.read(topic).unreadable has them all.",
    )
