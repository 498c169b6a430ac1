"""A topic as it grows: in a chart of one's own, or its newest records as cards."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from eventlab.checked import checked
from eventlab.live.cards import Card, Cards
from eventlab.live.chart import LiveChart
from eventlab.live.values import in_words
from eventlab.live.widget import Feed
from eventlab.log import Batch, Start, Topic
from eventlab.moments import from_milliseconds
from eventlab.pictures.picture import Picture

Columns = dict[str, list[Any]]


class EventChart(Picture):
    """Draw the events of a topic in an Altair chart over alt.NamedData("live").

    `start` says from where on: "earliest", "latest", an offset, or a moment. `per_batch` makes the
    columns of a batch of records, by default the events' own fields and `arrived`, the time at
    which they came here. Other options are those of LiveChart: time, window, keep, key, alt,
    controls. Raises ChartError and UsageError.
    """

    @checked
    def __init__(
        self,
        topic: Topic,
        chart: Any,
        *,
        start: Start = "earliest",
        per_batch: Callable[[Batch], Columns] | None = None,
        **options: Any,
    ) -> None:
        self._live = LiveChart(chart, **options)
        super().__init__(self._live)
        self._topic = topic
        self._from = start
        self._columns = per_batch or with_arrival

    def _feeds(self) -> Iterator[Feed]:
        yield self._follow(self._topic, self._draw, start=self._from)

    def _draw(self, batch: Batch) -> None:
        self._live.push(**_with_named_keys(self._columns(batch)))


class EventCards(Picture):
    """Show the newest records of a topic as cards that fall into the log."""

    @checked
    def __init__(self, topic: Topic, *, newest: int = 6) -> None:
        self._cards = Cards(newest)
        super().__init__(self._cards)
        self._topic = topic
        self._newest = newest

    def _feeds(self) -> Iterator[Feed]:
        yield self._follow(self._topic, self._draw, start="latest")

    def _draw(self, batch: Batch) -> None:
        self._cards.push(map(card_of, batch.rows[-self._newest :]))


def with_arrival(batch: Batch) -> Columns:
    """Return the columns of a batch, and `arrived`: the time at which it came here."""
    now = datetime.now(UTC)
    return batch.columns | {"arrived": [now] * len(batch)}


def _with_named_keys(columns: Columns) -> Columns:
    # Not every producer's keys are text, and a chart takes no bytes.
    if "key" not in columns:
        return columns
    keys = [str(key) if isinstance(key, bytes) else key for key in columns["key"]]
    return columns | {"key": keys}


def card_of(row: dict[str, Any]) -> Card:
    """Return a record as a card: its type, key, time, and place in the log."""
    place = f"partition {row['partition']}, offset {row['offset']}"
    moment = from_milliseconds(row["timestamp"])
    return Card(
        in_words(row.get("type", "record")), [f"key {row['key']}", f"{moment:%H:%M:%S}", place]
    )
