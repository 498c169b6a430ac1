"""What the pictures that are drawn from the spans of services have in common."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

from eventlab.live import LiveChart
from eventlab.live.widget import Feed
from eventlab.log import Topic
from eventlab.pictures.picture import Picture
from eventlab.pictures.span_store import SpanStore

Row = dict[str, Any]


class SpanPicture(Picture):
    """Draw the newest spans of a topic, at most so many, again when more have come.

    A picture says in `_rows` what is drawn for the spans in `_store`: rows with some of the
    `columns` of its chart. `_prefix` is what the names of the lab's topics begin with.
    """

    def __init__(
        self,
        spans: Topic,
        live: LiveChart,
        *,
        columns: Sequence[str],
        at_most: int,
        per_second: float,
    ) -> None:
        super().__init__(live)
        self._topic = spans
        self._prefix = spans.name.removesuffix("spans")
        self._store = SpanStore(at_most)
        self._live = live
        self._columns = columns
        self._per_second = per_second
        self._drawn = 0

    def settle(self) -> None:
        """Draw what has come."""
        self._try_to(self._draw)

    @abstractmethod
    def _rows(self) -> list[Row]:
        """Return what is drawn for the spans that are in the store."""

    def _feeds(self) -> Iterator[Feed]:
        yield self._follow(self._topic, self._store.add)
        yield self._again(self._draw, self._per_second)

    def _draw(self) -> None:
        version = self._store.version
        if version == self._drawn:
            return
        self._drawn = version
        rows = self._rows()
        self._live.replace(**{name: [row.get(name) for row in rows] for name in self._columns})
