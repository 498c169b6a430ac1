"""Lag over time: of a running flow, or of a consumer group."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import altair as alt

from eventlab.arguments import refused
from eventlab.checked import checked
from eventlab.errors import BrokerError, UsageError, shown
from eventlab.live import LiveChart
from eventlab.live.theme import CATEGORIES
from eventlab.live.widget import Feed
from eventlab.log import Cluster, lag
from eventlab.pictures.layers import Layers
from eventlab.pictures.picture import Picture

if TYPE_CHECKING:  # flows are half a second of imports, and not every chart shows one
    from eventlab.flows import Running

_LOOKS_PER_SECOND = 4
_LONGEST_NAME = 1000
_KEEP = 20_000
# How much the axes show at least: else they begin with parts of a record, and of a second.
_RECORDS = 4
_MILLISECONDS = 10_000

Lags = dict[str, int]


class LagPicture(Picture):
    """Draw how many records a flow, or a consumer group, has not read yet, by partition.

    A group is named as Kafka knows it, `lab.name("readers")`, with the cluster that it reads,
    `lab.cluster`. `window` is how much time one sees. While the broker is away there is a gap.
    Raises UsageError; `show` raises LogError for an unknown group.
    """

    @checked
    def __init__(
        self,
        reader: "Running | str",
        *,
        cluster: Cluster | None = None,
        window: timedelta = timedelta(minutes=2),
    ) -> None:
        name, self._lags = _asked(reader, cluster)
        self._live = LiveChart(
            lag_chart(name),
            alt=f"How many records {name} has not read yet, over time, by partition",
            time="at",
            window=window,
            keep=_KEEP,
        )
        super().__init__(self._live)

    def _feeds(self) -> Iterator[Feed]:
        self._look()  # raises where there is no such group
        yield self._again(self._look, _LOOKS_PER_SECOND)

    def _look(self) -> None:
        try:
            lags = self._lags()
        except BrokerError:
            return  # while the broker is away nobody knows: a gap, until it is back
        if lags:
            now = [datetime.now(UTC)] * len(lags)
            self._live.push(at=now, partition=list(lags), lag=list(lags.values()))


def _asked(reader: "Running | str", cluster: Cluster | None) -> tuple[str, Callable[[], Lags]]:
    if not isinstance(reader, str):
        return reader.name, lambda: _of_flow(reader)
    if len(reader) > _LONGEST_NAME:
        raise refused("reader", reader, "a running flow or the name of a group", "lab.run(flow)")
    if cluster is not None:
        return reader, lambda: _of_group(cluster, reader)
    raise UsageError(
        "There is no lag to show",
        expected="a running flow, or a group and its cluster",
        found=shown(reader),
        remedy='Write LagPicture(running), or LagPicture(lab.name("group"), cluster=lab.cluster).',
    )


def _of_flow(flow: "Running") -> Lags:
    parts = flow.status.parts
    topics = {part.topic for part in parts}
    return {
        _name(part.topic, part.partition, len(topics)): part.lag
        for part in parts
        if part.lag is not None
    }


def _of_group(cluster: Cluster, group: str) -> Lags:
    rows = lag(cluster, group)
    known = rows[rows["lag"].notna()]
    topics = rows["topic"].nunique()
    places = zip(known["topic"], known["partition"], known["lag"], strict=True)
    return {_name(topic, int(number), topics): int(behind) for topic, number, behind in places}


def _name(topic: str, partition: int, topics: int) -> str:
    return f"{topic} {partition}" if topics > 1 else str(partition)


def lag_chart(reader: str) -> Layers:
    """Return a chart over the data "live", with the columns `at`, `partition` and `lag`."""
    data = alt.Chart(alt.NamedData("live"))
    areas = data.mark_area().encode(
        x=alt.X("at:T", title="time", axis=alt.Axis(format="%H:%M:%S")),
        y=alt.Y(
            "lag:Q",
            title="records not read yet",
            stack="zero",
            axis=alt.Axis(tickMinStep=1, format=",d"),
        ),
        color=alt.Color(
            "partition:N",
            title="partition",
            scale=alt.Scale(range=CATEGORIES),
            legend=alt.Legend(orient="top"),
        ),
        tooltip=["partition:N", "lag:Q"],
    )
    room = data.transform_aggregate(first="min(at)").mark_point(opacity=0)
    room = room.transform_calculate(until=f"datum.first + {_MILLISECONDS}")
    room = room.encode(x="until:T", y=alt.datum(_RECORDS))
    return alt.layer(areas, room, title=f"Lag of {reader}")
