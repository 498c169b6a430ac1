"""The lanes of a topic, with those who read it, each at its own pace and place."""

from collections.abc import Iterator, Sequence

import ipywidgets

from eventlab import log
from eventlab.errors import UsageError
from eventlab.live import LiveChart, Ticker
from eventlab.live.lanes import CHOSEN, OTHERS, READER, lanes_chart
from eventlab.pictures.picture import Picture
from eventlab.streams import Running

_PLACES_PER_SECOND = 10
_SLOWEST = 8.0  # records a second; the others read two, three, four times as fast
_KEEP = 20_000


class Lanes(Picture):
    """Draw a topic's records as they come, and the places of those who read it.

    `readers` is how many readers of the picture's own follow the topic, which one can set back; or
    a running flow that reads it. `by` names a field; the records with the values in `highlight`
    are coloured.
    """

    def __init__(
        self,
        topic: log.Topic,
        *,
        readers: int | Running,
        by: str | None = None,
        highlight: Sequence[str] = (),
    ):
        self._topic, self._by, self._highlight = topic, by, list(highlight)
        self._flow = readers if isinstance(readers, Running) else None
        number = 0 if self._flow is not None else _required(readers)
        self._places: list[tuple] = []
        last = max(0, number - 1)
        self._which = ipywidgets.BoundedIntText(
            value=min(3, last), min=0, max=last, description="reader"
        )
        self.chart = self._chart(number)
        self.readers = [
            log.follow(topic, _nothing, start="earliest", per_second=_SLOWEST * (number + 1))
            for number in range(number)
        ]
        records = log.follow(topic, self._draw_records, start="earliest")
        places = Ticker(self._draw_places, _PLACES_PER_SECOND)
        for feed in (places, records, *self.readers):
            self.chart.on_stop(feed.stop)
        self.chart.show()

    def rewind(self, reader: int) -> None:
        """Set one of the picture's own readers back to the first offset of every partition."""
        self.readers[reader].seek("earliest")

    def _chart(self, readers: int) -> LiveChart:
        whose = f"{readers} readers" if self._flow is None else f"the flow {self._flow.name}"
        return LiveChart(
            lanes_chart(len(self._topic.partitions), self._highlight, can_choose=readers > 0),
            alt=f"The partitions of {self._topic} as lanes, with the places of {whose}",
            key="id",
            keep=_KEEP,
            controls=[self._control()] if readers else [],
        )

    def _control(self) -> ipywidgets.HBox:
        self._which.layout.width = "170px"
        back = ipywidgets.Button(description="Set it back to the start", layout={"width": "auto"})
        back.on_click(lambda _: self.rewind(self._which.value))
        return ipywidgets.HBox([self._which, back])

    def _draw_records(self, batch: log.Batch) -> None:
        rows = [
            (f"{row['partition']}-{row['offset']}", row["partition"], row["offset"])
            for row in batch.rows
        ]
        ids, partitions, offsets = (list(column) for column in zip(*rows, strict=True))
        values = [row.get(self._by) for row in batch.rows]
        self.chart.push(
            id=ids,
            partition=partitions,
            offset=offsets,
            group=[value if value in self._highlight else OTHERS for value in values],
            what=[
                f"offset {offset}" if self._by is None else f"{self._by} {value}, offset {offset}"
                for offset, value in zip(offsets, values, strict=True)
            ],
        )

    def _draw_places(self) -> None:
        places = list(self._places_now())
        if places == self._places:
            return
        self._places = places
        self.chart.push(
            id=[f"{name}-{partition}" for name, partition, *_ in places],
            partition=[partition for _, partition, *_ in places],
            offset=[offset for _, _, offset, _ in places],
            group=[group for *_, group in places],
            what=[f"{name}, next offset {offset}" for name, _, offset, _ in places],
        )

    def _places_now(self) -> Iterator[tuple[str, int, int, str]]:
        if self._flow is not None:
            for (topic, partition), offset in self._flow.positions.items():
                if topic == self._topic.name:
                    yield f"flow {self._flow.name}", partition, offset, READER
        for number, reader in enumerate(self.readers):
            group = CHOSEN if number == self._which.value else READER
            for partition, offset in reader.position.items():
                yield f"reader {number}", partition, offset, group


def _required(readers: int) -> int:
    if isinstance(readers, int) and readers > 0:
        return readers
    raise UsageError(
        "Nobody reads these lanes",
        expected="a number of readers, or a running flow",
        found=repr(readers),
    )


def _nothing(_batch: log.Batch) -> None:
    """Read on: a reader of the lanes only has a place."""
