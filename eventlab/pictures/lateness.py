"""How late the events of a topic come, in the terms of stream time."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

import altair as alt

from eventlab.arguments import required_milliseconds
from eventlab.checked import checked
from eventlab.live import LiveChart
from eventlab.live.theme import COLOURS
from eventlab.live.widget import Feed
from eventlab.log import Batch, Topic
from eventlab.moments import duration_words
from eventlab.pictures.layers import Layers
from eventlab.pictures.picture import Picture

_SECOND = 1_000
_MINUTE = 60_000
_HOUR = 3_600_000
# In milliseconds; an event that is as late as this is not in the bin below.
_ENDS = [1, *(end + 1 for end in (_SECOND, 10 * _SECOND, _MINUTE, 10 * _MINUTE, _HOUR, 24 * _HOUR))]
BINS = ["in order", "1 s", "10 s", "1 min", "10 min", "1 h", "1 day", "more"]
_PARTS = [0, 1 / 4, 1 / 2, 1, 2, 4, 6, 8]  # of a window: the graces that one may choose
_SHORTEST = timedelta(milliseconds=4)


class _Scale(NamedTuple):
    """Bins: what is not late, then up to each next end, and what is later than all of them."""

    names: Sequence[str]
    ends: Sequence[float]
    title: str
    axis: str

    def name_of(self, late: int) -> str:
        """Return the name of the bin for a lateness in milliseconds."""
        return self.names[bisect_right(self.ends, late)]


class LatenessPicture(Picture):
    """Draw how far each event of a topic is behind the stream time of its partition.

    Stream time is the greatest time that the partition had shown when the event came; an event that
    moves it, or is as new, came in order. With `window`, the length of tumbling windows, it draws
    how much grace each event needs to be counted in its own. `counts` has the number of events in
    each bin. Raises UsageError.
    """

    @checked
    def __init__(self, topic: Topic, *, window: timedelta | None = None) -> None:
        self._window = (
            None if window is None else required_milliseconds("window", window, at_least=_SHORTEST)
        )
        self._scale = _scale(str(topic), self._window)
        self._live = LiveChart(
            lateness_chart(self._scale.names, self._scale.title, self._scale.axis),
            alt=f"How many events of {topic} come how late: {', '.join(self._scale.names)}",
            key="late",
        )
        super().__init__(self._live)
        self._topic = topic
        self._newest: dict[int, int] = {}
        self.counts: Counter[str] = Counter()

    def _feeds(self) -> Iterator[Feed]:
        yield self._follow(self._topic, self._count)

    def _count(self, batch: Batch) -> None:
        for partition, time in zip(batch.place["partition"], batch.place["timestamp"], strict=True):
            newest = max(self._newest.get(partition, time), time)
            self._newest[partition] = newest
            self.counts[self._scale.name_of(newest - self._due(time))] += 1
        names = self._scale.names
        self._live.push(
            late=names,
            events=[self.counts[name] for name in names],
            what=["in order", *["late"] * (len(names) - 1)],
        )

    def _due(self, time: int) -> int:
        """Return the time from which on an event is late: its own, or the end of its window."""
        return time if self._window is None else time - time % self._window + self._window


def bin_of(late: int) -> str:
    """Return the name of the bin for a lateness in milliseconds: the first that is as long."""
    return _scale("", None).name_of(late)


def grace_bins(window: int) -> list[str]:
    """Return the names of the bins for the grace that events need, for windows of a length."""
    words = [duration_words(round(part * window)) for part in _PARTS]
    return ["none", *words[1:], "more"]


def _scale(topic: str, window: int | None) -> _Scale:
    if window is None:
        return _Scale(
            BINS, _ENDS, f"How late the events of {topic} come", "behind the watermark, up to"
        )
    ends = [part * window for part in _PARTS]
    title = "How much grace each event needs to be counted"
    return _Scale(grace_bins(window), ends, title, "grace, up to")


def lateness_chart(names: Sequence[str], title: str, axis: str) -> Layers:
    """Return a chart over the data "live", with the columns `late` (a bin), `events` and `what`.

    `names` are those of the bins, from left to right; `axis` is the title of theirs.
    """
    base = alt.Chart(alt.NamedData("live"), title=title).encode(
        x=alt.X(
            "late:N", title=axis, scale=alt.Scale(domain=list(names)), axis=alt.Axis(labelAngle=0)
        ),
        y=alt.Y("events:Q", title="events"),
    )
    hues = alt.Scale(domain=["in order", "late"], range=[COLOURS["on_time"], COLOURS["late"]])
    bars = base.mark_bar().encode(color=alt.Color("what:N", scale=hues, legend=None))
    words = base.mark_text(dy=-8).encode(text=alt.Text("events:Q", format=","))
    return alt.layer(bars, words)
