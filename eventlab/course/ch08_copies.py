"""Chapter 08: what becomes of open orders, and copies of them: from an export, or from the log."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Protocol
from urllib.parse import urlencode

from eventlab.course.ch08_service import NUMBERED, Row, data_service, keep_open
from eventlab.events import Event, Order, OrderCancelled, Payment, Shipment, Shop
from eventlab.lab.verbs import Verbs
from eventlab.services import HttpService
from eventlab.views import View
from eventlab.views.serving import ViewApp

GONE = "gone"
PAGE = 20

_KINDS = (Order, Payment, OrderCancelled, Shipment)
_BEFORE = 480  # events, before the copy begins
_ORDERS_PER_HOUR = 12


# -- the story ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trade:
    """Hold what became of a shop's orders: before a copy is made, and meanwhile."""

    before: Sequence[Event]
    meanwhile: Sequence[Event]


def trade(seed: int, changes: int) -> Trade:
    """Return a stretch of what becomes of a shop's orders, with so many events in the meantime."""
    shop = Shop(seed=seed, orders_per_hour=_ORDERS_PER_HOUR)
    events = list(islice(shop.only(*_KINDS), _BEFORE + changes))
    return Trade(events[:_BEFORE], events[_BEFORE:])


def open_after(events: Sequence[Event]) -> dict[str, str]:
    """Return the state of each order that is open after these events, by the shop's own list."""
    states: dict[str, str] = {}
    for event in events:
        if isinstance(event, Order):
            states[event.order_id] = "unpaid"
        elif isinstance(event, Payment):
            states[event.order_id] = "paid"
        elif isinstance(event, OrderCancelled | Shipment):
            states.pop(event.order_id, None)
    return states


# -- where a copy comes from ----------------------------------------------------------------------


class Copy(Protocol):
    """A copy of the open orders that is made, or follows."""

    @property
    def twice(self) -> set[str]:
        """Return the orders that came twice as they were."""

    @property
    def progress(self) -> str:
        """Return in words how far it is."""

    def states(self) -> dict[str, str]:
        """Return the state of each order in the copy."""

    def step(self, at_least: int) -> None:
        """Copy some more from a source that has read the topic at least so far."""

    def is_complete(self, end: int) -> bool:
        """Tell whether nothing more comes, where the topic ends there."""


class FromLog:
    """A copy that a view keeps, which follows the topic."""

    twice: set[str] = set()  # noqa: RUF012  the table refuses an order that is there

    def __init__(self, view: View) -> None:
        self._view = view

    @property
    def progress(self) -> str:
        """Return in words how far it is."""
        return f"read up to offset {self._offset()}"

    def states(self) -> dict[str, str]:
        """Return the state of each order in the copy."""
        return self._view.read(
            lambda rows: dict(rows.execute("select order_id, state from open_orders").fetchall())
        )

    def step(self, at_least: int) -> None:
        """Do nothing: it goes on by itself."""

    def is_complete(self, end: int) -> bool:
        """Tell whether it has read all, or has stopped."""
        return self._offset() >= end or self._view.error is not None

    def _offset(self) -> int:
        places = self._view.progress.position.values()
        return sum(offset for offsets in places for offset in offsets.values())


class FromExport:
    """A copy that a job makes of an export, page by page; `path` is that of the endpoint.

    What comes for an order takes the place of what it has, and a row that is "gone" takes it out.
    An export that begins after a mark ("number > :last") is asked for what is new, again and again.
    """

    def __init__(self, service: HttpService, path: str, exports: Mapping[str, str]) -> None:
        self._service = service
        self._path = path
        found = re.search(r"(\w+) > :last", exports[path])
        self._mark = found[1] if found else None
        self._last: Any = 0
        self._states: dict[str, str] = {}
        self._pages = 0
        self._empty_at = -1  # how far the source was when there was nothing more
        self.twice: set[str] = set()

    @property
    def progress(self) -> str:
        """Return in words how far it is."""
        if self._mark == "number":
            return f"read up to number {self._last}"
        return f"read {self._pages} pages"

    def states(self) -> dict[str, str]:
        """Return the state of each order in the copy."""
        return self._states.copy()

    def step(self, at_least: int) -> None:
        """Fetch the next page."""
        given = {"page": self._pages, "last": self._last, "at-least": at_least}
        rows = self._service.ask(f"{self._path}?{urlencode(given)}")
        for row in rows:
            self._take(row)
        if rows:
            self._pages += 1
        else:
            self._empty_at = at_least

    def is_complete(self, end: int) -> bool:
        """Tell whether there was an empty page, and no later one is to come."""
        return self._empty_at >= (0 if self._mark is None else end)

    def _take(self, row: Row) -> None:
        order = row["order_id"]
        if row["state"] == GONE:
            self._states.pop(order, None)
        else:
            if self._states.get(order) == row["state"]:
                self.twice.add(order)
            self._states[order] = row["state"]
        if self._mark is not None:
            self._last = row[self._mark]


def serving(lab: Verbs, exports: Mapping[str, str]) -> ViewApp:
    """Return the data service of the open orders, with an endpoint for each of its exports."""
    database = View(lab.name("open.data"), keep_open, of=lab.topic("orders"), store=NUMBERED)
    return data_service(database, exports)
