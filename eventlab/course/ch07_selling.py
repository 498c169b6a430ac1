"""Chapter 07: two counters sell the last pieces at the same moment; and their picture."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from eventlab.course.ch07_charts import (
    SALES,
    square_row,
    squares_chart,
    title_row,
)
from eventlab.course.ch07_orders import EachOrder
from eventlab.course.ch07_table import DESIGNS, OWN, SHARED, Both
from eventlab.events import Order
from eventlab.lab.verbs import Verbs
from eventlab.live import LiveChart
from eventlab.live.widget import Feed

OVERSOLD = "sold, and not there"


class Selling(EachOrder):
    """Draw each customer who wants a piece: who got one, who did not, and who got what is not.

    With each order of the topic `orders` a customer comes to each counter at the same moment, and
    all want the same product. Of each there are `pieces`.
    """

    def __init__(self, lab: Verbs, both: Both, story: Sequence[Order], *, pieces: int) -> None:
        self._products = {product.product_id: product.name for product in both.products}
        self._turns = [*self._products]
        customers = 2 * -(-len(story) // len(self._turns))
        chart = LiveChart(
            squares_chart(list(self._products.values()), customers, SALES),
            alt="Each customer who wants a piece, in two designs: orange got one that is not there",
            key="id",
        )
        super().__init__(lab, both, story, chart)
        self._pieces = pieces
        self._sold: dict[str, Counter[str]] = {design: Counter() for design in DESIGNS}
        self._customers: dict[str, Counter[str]] = {design: Counter() for design in DESIGNS}

    def oversold(self, design: str) -> int:
        """Return how many pieces were sold that were not there."""
        return sum(max(0, sold - self._pieces) for sold in self._sold[design].values())

    def scores(self) -> dict[str, Any]:
        """Return how many pieces were sold that were not there, in each design."""
        return {f"{design}: {OVERSOLD}": self.oversold(design) for design in DESIGNS}

    def figures(self) -> dict[str, Any]:
        """Return what the chapter's claim needs."""
        return {
            "pieces": self._pieces * len(self._products),
            "shared_sold": self._sold[SHARED].total(),
            "shared_oversold": self.oversold(SHARED),
            "own_oversold": self.oversold(OWN),
        }

    # -- how --------------------------------------------------------------------------------------

    def _feeds(self) -> Iterator[Feed]:
        for design in DESIGNS:
            self._draw_title(design)
        yield from super()._feeds()

    def _take(self, order: Order) -> None:
        wanted = self._turns[self._number % len(self._turns)]
        for design in DESIGNS:
            self._sell(design, wanted)

    def _sell(self, design: str, product: str) -> None:
        handled = self._load.sell(self._both.services(design), product)
        for has_sold in handled.found.values():
            self._sold[design][product] += bool(has_sold)
            state = self._state(design, product) if has_sold else "sold out"
            number = self._customers[design][product]
            self._push(square_row(design, self._products[product], number, state, state))
            self._customers[design][product] += 1
        self._draw_title(design)

    def _state(self, design: str, product: str) -> str:
        return "oversold" if self._sold[design][product] > self._pieces else "sold"

    def _draw_title(self, design: str) -> None:
        oversold = self.oversold(design)
        self._push(title_row(design, oversold, "sold that are not there", "oversold"))
