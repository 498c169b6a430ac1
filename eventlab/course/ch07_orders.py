"""Chapter 07: a picture that goes through the orders of a story, one after the other."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence

from eventlab.course.ch07_charts import Row, as_columns
from eventlab.course.ch07_load import Load
from eventlab.course.ch07_table import Both
from eventlab.course.waiting import until
from eventlab.events import Order
from eventlab.lab.verbs import Verbs
from eventlab.live import LiveChart
from eventlab.live.widget import Feed
from eventlab.log import Batch
from eventlab.pictures.picture import Picture

_EMPTY: Row = {"row": "", "number": 0, "state": "", "short": ""}  # what every row of squares has


class EachOrder(Picture):
    """Do something in both designs with each order that comes through the topic `orders`."""

    def __init__(self, lab: Verbs, both: Both, story: Sequence[Order], chart: LiveChart) -> None:
        super().__init__(chart)
        self._live = chart
        self._orders = lab.topic("orders")
        self._both = both
        self._story = list(story)
        self._load = Load()
        self._number = 0
        self._is_over = False

    def settle(self) -> None:
        """Return when all orders have been taken."""
        until(lambda: self._number >= len(self._story))

    def stop(self) -> None:
        """End the movement, and take no more orders."""
        self._is_over = True
        self._load.stop()
        super().stop()

    # -- for those that have it as their base -----------------------------------------------------

    @abstractmethod
    def _take(self, order: Order) -> None:
        """Do what is done with an order; `_number` have been taken before."""

    def _feeds(self) -> Iterator[Feed]:
        yield self._follow(self._orders, self._take_all)

    def _push(self, row: Row) -> None:
        self._live.push(**as_columns([_EMPTY | row]))

    def _take_all(self, batch: Batch) -> None:
        for _ in batch.fields:
            if self._is_over or self._number >= len(self._story):
                return
            self._take(self._story[self._number])
            self._number += 1
