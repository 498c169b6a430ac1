"""The lanes of a topic, with readers that follow it, each at its own pace and place."""

from collections.abc import Sequence

import ipywidgets

from eventlab import log
from eventlab.live import LiveChart, Ticker
from eventlab.live.lanes import CHOSEN, OTHERS, READER, lanes_chart

_PLACES_PER_SECOND = 10
_SLOWEST = 8.0  # records a second; the others read two, three, four times as fast
_KEEP = 20_000


class Lanes:
    """Draw a topic's records as they come, and the places of readers, which one can set back.

    `by` names a field; the records with the values in `highlight` are coloured.
    """

    def __init__(self, topic: log.Topic, *, readers: int, by: str, highlight: Sequence[str]):
        self._topic, self._by, self._highlight = topic, by, list(highlight)
        self._places: list[tuple] = []
        self._which = ipywidgets.BoundedIntText(
            value=min(3, readers - 1), min=0, max=readers - 1, description="reader"
        )
        self.chart = self._chart(readers)
        self.readers = [
            log.follow(topic, _nothing, start="earliest", per_second=_SLOWEST * (number + 1))
            for number in range(readers)
        ]
        records = log.follow(topic, self._draw_records, start="earliest")
        places = Ticker(self._draw_places, _PLACES_PER_SECOND)
        for feed in (places, records, *self.readers):
            self.chart.on_stop(feed.stop)
        self.chart.show()

    def rewind(self, reader: int) -> None:
        """Set one reader back to the first offset of every partition."""
        self.readers[reader].seek("earliest")

    def _chart(self, readers: int) -> LiveChart:
        self._which.layout.width = "170px"
        back = ipywidgets.Button(description="Set it back to the start", layout={"width": "auto"})
        back.on_click(lambda _: self.rewind(self._which.value))
        return LiveChart(
            lanes_chart(len(self._topic.partitions), self._highlight),
            alt=f"The partitions of {self._topic} as lanes, with the places of {readers} readers",
            key="id",
            keep=_KEEP,
            controls=[ipywidgets.HBox([self._which, back])],
        )

    def _draw_records(self, batch: log.Batch) -> None:
        rows = [
            (f"{row['partition']}-{row['offset']}", row["partition"], row["offset"], row[self._by])
            for row in batch.rows
        ]
        ids, partitions, offsets, values = (list(column) for column in zip(*rows, strict=True))
        self.chart.push(
            id=ids,
            partition=partitions,
            offset=offsets,
            group=[value if value in self._highlight else OTHERS for value in values],
            what=[f"{self._by} {value}, offset {offset}" for *_, offset, value in rows],
        )

    def _draw_places(self) -> None:
        chosen = self._which.value
        places = [
            (number, partition, offset, CHOSEN if number == chosen else READER)
            for number, reader in enumerate(self.readers)
            for partition, offset in reader.position.items()
        ]
        if places == self._places:
            return
        self._places = places
        self.chart.push(
            id=[f"reader {number}-{partition}" for number, partition, *_ in places],
            partition=[partition for _, partition, *_ in places],
            offset=[offset for _, _, offset, _ in places],
            group=[group for *_, group in places],
            what=[f"reader {number}, next offset {offset}" for number, _, offset, _ in places],
        )


def _nothing(_batch: log.Batch) -> None:
    """Read on: a reader of the lanes only has a place."""
