"""Chapter 07: a column is renamed while look-ups come; what fails, in two designs, as a picture."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from eventlab.course.ch07_charts import (
    QUERIES,
    moment_row,
    square_row,
    squares_chart,
    title_row,
)
from eventlab.course.ch07_orders import EachOrder
from eventlab.course.ch07_table import DESIGNS, OWN, SERVICES, SHARED, Both
from eventlab.events import Order
from eventlab.lab.verbs import Verbs
from eventlab.live import LiveChart
from eventlab.live.widget import Feed

RENAME = "Rename the column"
DEPLOY = "Deploy the others"
FAILED = "failed look-ups"
NEW = "net_cents"  # what the column is called then


class Renaming(EachOrder):
    """Draw every look-up of every service, in both designs, and those that failed.

    With each order of the topic `orders` each service looks up the price. After a third of them, or
    when its button is pressed, `rename(lab, both)` is called; after two thirds, or when its own is,
    the others are deployed anew: each with the app `at_the_table(url, name, NEW)`.
    """

    def __init__(
        self,
        lab: Verbs,
        both: Both,
        story: Sequence[Order],
        *,
        rename: Callable[[Verbs, Both], object],
        at_the_table: Callable[[str, str, str], object],
    ) -> None:
        chart = LiveChart(
            squares_chart(SERVICES, len(story), QUERIES),
            alt="Each look-up of each service, in two designs: those that failed are orange",
            key="id",
        )
        super().__init__(lab, both, story, chart)
        self._at_the_table = at_the_table
        self._acts = {RENAME: lambda: rename(lab, both), DEPLOY: self._deploy}
        self._pressed: list[str] = []
        self.failed = dict.fromkeys(DESIGNS, 0)
        self.asked = dict.fromkeys(DESIGNS, 0)
        self.error = ""

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return what a stage offers buttons for; it is done before the next order."""
        return {name: partial(self._pressed.append, name) for name in (RENAME, DEPLOY)}

    def scores(self) -> dict[str, Any]:
        """Return how many look-ups failed in each design."""
        return {f"{design}: {FAILED}": self.failed[design] for design in DESIGNS}

    def figures(self) -> dict[str, Any]:
        """Return what the chapter's claim needs."""
        return {
            "look_ups": self.asked[SHARED],
            "shared_failed": self.failed[SHARED],
            "own_failed": self.failed[OWN],
        }

    # -- how --------------------------------------------------------------------------------------

    def _feeds(self) -> Iterator[Feed]:
        for design in DESIGNS:
            self._draw_title(design)
        yield from super()._feeds()

    def _take(self, order: Order) -> None:
        self._do_what_is_due()
        for design in DESIGNS:
            self._ask(design, order)

    def _do_what_is_due(self) -> None:
        third = len(self._story) // 3
        if self._number >= third or RENAME in self._pressed:
            self._do(RENAME, {SHARED: "renamed", OWN: "renamed inside"})
        if self._number >= 2 * third or DEPLOY in self._pressed:
            self._do(DEPLOY, {SHARED: "deployed"})

    def _do(self, name: str, words: dict[str, str]) -> None:
        act = self._acts.pop(name, None)
        if act is not None:
            act()
            for design, said in words.items():
                self._push(moment_row(design, self._number, said))

    def _deploy(self) -> None:
        url = self._both.database.url
        for name, service in zip(self._both.names, self._both.shared, strict=True):
            service.redeploy(self._at_the_table(url, name, NEW))

    def _ask(self, design: str, order: Order) -> None:
        services = self._both.services(design)
        handled = self._load.handle(services, order, writes=False)
        self.asked[design] += len(services)
        self.failed[design] += len(handled.failed)
        for name, service in zip(self._both.names, services, strict=True):
            error = handled.failed.get(service.name, "")
            self.error = self.error or _said(error)
            state = "failed" if error else "answered"
            self._push(square_row(design, name, self._number, state, error))
        self._draw_title(design)

    def _draw_title(self, design: str) -> None:
        self._push(title_row(design, self.failed[design], FAILED, "failed"))


def _said(error: str) -> str:
    """Return what the database itself has said, of an error that a service has passed on."""
    found = re.search(r"column .{1,80} does not exist", error)
    return found[0].replace("\\", "") if found else error
