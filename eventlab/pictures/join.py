"""A join as it happens: events that wait for their partner, find it, or stay alone."""

import threading
from zlib import crc32

from eventlab import log
from eventlab.live import LiveChart
from eventlab.live.joins import ALONE, LANE, LEFT, MATCHED, PAIR, RIGHT, WAITING, joins_chart
from eventlab.pictures.picture import Picture

_KEEP = 20_000
_LANES = {"left": LEFT, "right": RIGHT}


class JoinPicture(Picture):
    """Draw the events of two topics in two lanes, and what became of them in a topic of joins.

    `joined` is a topic of `streams.Joined`. An event is known by its key and its time, and stands
    at a height of its key's own. It waits until a result names it: with its partner, or alone.
    """

    def __init__(self, left: log.Topic, right: log.Topic, joined: log.Topic):
        self._lock = threading.Lock()
        self._fates: dict[str, str] = {}
        self._drawn: dict[str, tuple[str, str | None, int]] = {}
        self.chart = LiveChart(
            joins_chart(str(left), str(right)),
            alt=f"Events of {left} above and of {right} below, with lines between those that match",
            key="id",
            keep=_KEEP,
        )
        for feed in (
            log.follow(left, lambda batch: self._draw_events("left", batch), start="earliest"),
            log.follow(right, lambda batch: self._draw_events("right", batch), start="earliest"),
            log.follow(joined, self._draw_results, start="earliest"),
        ):
            self.chart.on_stop(feed.stop)
        self.chart.show()

    def _draw_events(self, side: str, batch: log.Batch) -> None:
        places = zip(batch.place["key"], batch.place["timestamp"], strict=True)
        with self._lock:
            events = {_id(side, key, time): (side, key, time) for key, time in places}
            self._drawn |= events
            self._push_events(events)

    def _draw_results(self, batch: log.Batch) -> None:
        with self._lock:
            pairs, told = [], {}
            for row in batch.rows:
                ids = {
                    side: _id(side, row["key"], row[f"{side}_time"])
                    for side in _LANES
                    if row[f"{side}_time"] is not None
                }
                fate = MATCHED if len(ids) == len(_LANES) else ALONE
                for one in ids.values():
                    self._fates[one] = fate
                told |= {one: self._drawn[one] for one in ids.values() if one in self._drawn}
                if fate is MATCHED:
                    pairs.append((row["key"], row["left_time"], row["right_time"]))
            self._push_events(told)
            self._push_pairs(pairs)

    def _push_events(self, events: dict[str, tuple[str, str | None, int]]) -> None:
        if not events:
            return
        fates = [self._fates.get(one, WAITING) for one in events]
        nothing = [None] * len(events)
        self.chart.push(
            id=list(events),
            what=fates,
            at=[time for _, _, time in events.values()],
            lane=[_height(side, key) for side, key, _ in events.values()],
            until=nothing,
            other_lane=nothing,
            words=[
                f"{side}, key {key}: {fate}"
                for (side, key, _), fate in zip(events.values(), fates, strict=True)
            ],
        )

    def _push_pairs(self, pairs: list[tuple[str | None, int, int]]) -> None:
        if not pairs:
            return
        self.chart.push(
            id=[f"pair {key} {one} {other}" for key, one, other in pairs],
            what=[PAIR] * len(pairs),
            at=[one for _, one, _ in pairs],
            lane=[_height("left", key) for key, _, _ in pairs],
            until=[other for _, _, other in pairs],
            other_lane=[_height("right", key) for key, _, _ in pairs],
            words=[None] * len(pairs),
        )


def _id(side: str, key: str | None, time: int) -> str:
    return f"{side} {key} {time}"


def _height(side: str, key: str | None) -> float:
    return _LANES[side] + LANE * (crc32(str(key).encode()) % 97) / 97
