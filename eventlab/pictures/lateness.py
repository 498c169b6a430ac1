"""How late the events of a topic come, in the terms of stream time."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator

import altair as alt

from eventlab.checked import checked
from eventlab.live import LiveChart
from eventlab.live.theme import COLOURS
from eventlab.live.widget import Feed
from eventlab.log import Batch, Topic
from eventlab.pictures.layers import Layers
from eventlab.pictures.picture import Picture

_SECOND = 1_000
_MINUTE = 60_000
_HOUR = 3_600_000
# The upper ends of the bins, in milliseconds; the first holds what came in order.
_ENDS = [0, _SECOND, 10 * _SECOND, _MINUTE, 10 * _MINUTE, _HOUR, 24 * _HOUR]
BINS = ["in order", "1 s", "10 s", "1 min", "10 min", "1 h", "1 day", "more"]


class LatenessPicture(Picture):
    """Draw how far each event of a topic is behind the stream time of its partition.

    Stream time is the greatest time that the partition had shown when the event came; an event that
    moves it, or is as new, came in order. `counts` has the number of events in each bin.
    """

    @checked
    def __init__(self, topic: Topic) -> None:
        self._live = LiveChart(
            lateness_chart(str(topic)),
            alt=f"How many events of {topic} come how late, from in order to more than a day",
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
            self.counts[bin_of(newest - time)] += 1
        self._live.push(
            late=BINS,
            events=[self.counts[late] for late in BINS],
            what=["in order" if late == BINS[0] else "late" for late in BINS],
        )


def bin_of(late: int) -> str:
    """Return the name of the bin for a lateness in milliseconds: the first that is as long."""
    return BINS[bisect_left(_ENDS, late)]


def lateness_chart(topic: str) -> Layers:
    """Return a chart over the data "live", with the columns `late` (a bin), `events` and `what`."""
    base = alt.Chart(alt.NamedData("live"), title=f"How late the events of {topic} come").encode(
        x=alt.X(
            "late:N", title="behind stream time, up to", sort=BINS, axis=alt.Axis(labelAngle=0)
        ),
        y=alt.Y("events:Q", title="events"),
        color=alt.Color(
            "what:N",
            scale=alt.Scale(
                domain=["in order", "late"], range=[COLOURS["on_time"], COLOURS["late"]]
            ),
            legend=None,
        ),
    )
    words = base.mark_text(dy=-8).encode(
        text=alt.Text("events:Q", format=","), color=alt.value("#333333")
    )
    return alt.layer(base.mark_bar(), words)
