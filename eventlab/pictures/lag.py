"""Lag over time: of a running flow, or of a consumer group."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from eventlab import log
from eventlab.errors import BrokerError, UsageError
from eventlab.live import LiveChart, Ticker
from eventlab.live.lags import lags_chart
from eventlab.pictures.picture import Picture
from eventlab.streams import Running

_LOOKS_PER_SECOND = 4
_KEEP = 20_000

Lags = dict[str, int]


class LagPicture(Picture):
    """Draw how many records a flow, or a consumer group, has not read yet, by partition.

    A group is named, with the cluster that it reads. `window` is how much time one sees.
    """

    def __init__(
        self,
        reader: Running | str,
        *,
        cluster: log.Cluster | None = None,
        window: timedelta = timedelta(minutes=2),
    ):
        name, self._lags = _asked(reader, cluster)
        self.chart = LiveChart(
            lags_chart(name),
            alt=f"How many records {name} has not read yet, over time, by partition",
            time="at",
            window=window,
            keep=_KEEP,
        )
        looking = Ticker(self._look, _LOOKS_PER_SECOND)
        self.chart.on_stop(looking.stop)
        self.chart.show()

    def _look(self) -> None:
        try:
            lags = self._lags()
        except BrokerError:
            return  # while the broker is away nobody knows: a gap, until it is back
        if lags:
            now = [datetime.now(UTC)] * len(lags)
            self.chart.push(at=now, partition=list(lags), lag=list(lags.values()))


def _asked(reader: Running | str, cluster: log.Cluster | None) -> tuple[str, Callable[[], Lags]]:
    if isinstance(reader, Running):
        return reader.name, lambda: _of_flow(reader)
    if not isinstance(reader, str) or cluster is None:
        raise UsageError(
            "There is no lag to show",
            expected="a running flow, or a group and its cluster",
            found=repr(reader),
        )
    log.lag(cluster, reader)  # raises where there is no such group
    return reader, lambda: _of_group(cluster, reader)


def _of_flow(flow: Running) -> Lags:
    parts = flow.status.parts
    topics = {part.topic for part in parts}
    return {
        _name(part.topic, part.partition, len(topics)): part.lag
        for part in parts
        if part.lag is not None
    }


def _of_group(cluster: log.Cluster, group: str) -> Lags:
    rows = log.lag(cluster, group)
    topics = rows["topic"].nunique()
    return {
        _name(row.topic, row.partition, topics): int(row.lag)
        for row in rows.itertuples()
        if row.lag == row.lag  # unknown is NaN, which equals nothing
    }


def _name(topic: str, partition: int, topics: int) -> str:
    return f"{topic} {partition}" if topics > 1 else str(partition)
