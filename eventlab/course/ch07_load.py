"""Chapter 07: let several services handle one order at the same moment, and see how they fare."""

import statistics
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from eventlab.errors import CallError
from eventlab.events import Order
from eventlab.services import HttpService

_ASK_SECONDS = 30.0
_MOST_AT_ONCE = 8

Row = dict[str, Any]


def nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Handled:
    """How services fared with one order, by their names.

    `seconds` are those from when the first began until the last had ended, by their own clocks.
    """

    seconds: float
    waited_seconds: dict[str, float]
    failed: dict[str, str]  # those that could not, with the error
    found: dict[str, Any]  # what the others have answered
    works: int = 0  # how often they did their work, as far as they say

    @property
    def per_second(self) -> float:
        """Return how many services a second have handled it."""
        return len(self.waited_seconds) / self.seconds if self.seconds > 0 else 0.0


class Load:
    """Ask several services at the same moment, each in a thread of its own."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_MOST_AT_ONCE, thread_name_prefix="load")

    def handle(
        self,
        services: Sequence[HttpService],
        order: Order,
        *,
        writes: bool = True,
        meanwhile: Callable[[], object] = nothing,
    ) -> Handled:
        """Let all services handle an order, and return when the last one has.

        `meanwhile` is called while they do.
        """
        body = {"product_id": order.product_id, "quantity": order.quantity, "writes": writes}
        return self._handled(services, body, meanwhile)

    def sell(self, services: Sequence[HttpService], product: str) -> Handled:
        """Let all services sell a piece of a product at the same moment, if they can."""
        return self._handled(services, {"product_id": product, "writes": True}, nothing)

    def stop(self) -> None:
        """Ask no more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _handled(
        self, services: Sequence[HttpService], body: Row, meanwhile: Callable[[], object]
    ) -> Handled:
        asked = {one.name: self._threads.submit(_answer, one, body) for one in services}
        meanwhile()
        answers = {name: one.result() for name, one in asked.items()}
        failed = {name: found for name, found in answers.items() if isinstance(found, str)}
        good = {name: found for name, found in answers.items() if not isinstance(found, str)}
        waited = {name: row["waited_seconds"] for name, row in good.items()}
        found = {name: row.get("found") for name, row in good.items()}
        works = sum(row["works"] for row in good.values())
        return Handled(_seconds(list(good.values())), waited, failed, found, works)


def median_per_second(handled: Sequence[Handled]) -> float:
    """Return how many orders a second the services handled together, in the middle."""
    return statistics.median([one.per_second for one in handled] or [0.0])


def mean_waited_seconds(handled: Sequence[Handled]) -> float:
    """Return how long a service waited for its row, on average."""
    waited = [seconds for one in handled for seconds in one.waited_seconds.values()]
    return statistics.fmean(waited or [0.0])


def count_waited(handled: Sequence[Handled], longer_than_seconds: float) -> int:
    """Return how often a service waited for its row for longer than this."""
    waited = [seconds for one in handled for seconds in one.waited_seconds.values()]
    return sum(seconds > longer_than_seconds for seconds in waited)


def _answer(service: HttpService, body: Row) -> Row | str:
    """Return what a service answers, or the words of its error."""
    try:
        answer: Row = service.ask("/", json=body, timeout_seconds=_ASK_SECONDS)
    except CallError as error:
        return str(error)
    return answer


def _seconds(answers: Sequence[Row]) -> float:
    if not answers:
        return 0.0
    return float(max(row["ended"] for row in answers) - min(row["began"] for row in answers))
