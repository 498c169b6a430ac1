"""How late the events of a topic come, in the terms of stream time."""

from collections import Counter

from eventlab import log
from eventlab.live import LiveChart
from eventlab.live.lateness import BINS, bin_of, lateness_chart
from eventlab.pictures.picture import Picture


class LatenessPicture(Picture):
    """Draw how far each event of a topic is behind the stream time of its partition.

    Stream time is the greatest time that the partition had shown when the event came; an event that
    moves it, or is as new, came in order.
    """

    def __init__(self, topic: log.Topic):
        self._newest: dict[int, int] = {}
        self.counts: Counter[str] = Counter()
        self.chart = LiveChart(
            lateness_chart(str(topic)),
            alt=f"How many events of {topic} come how late, from in order to more than a day",
            key="late",
        )
        follower = log.follow(topic, self._count, start="earliest")
        self.chart.on_stop(follower.stop)
        self.chart.show()

    def _count(self, batch: log.Batch) -> None:
        places = zip(batch.place["partition"], batch.place["timestamp"], strict=True)
        for partition, time in places:
            newest = self._newest[partition] = max(self._newest.get(partition, time), time)
            self.counts[bin_of(newest - time)] += 1
        self.chart.push(
            late=BINS,
            events=[self.counts[late] for late in BINS],
            what=["in order" if late == BINS[0] else "late" for late in BINS],
        )
