"""Chapter 03, going further: what one order did, from the spans of two shops."""

import statistics
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from eventlab.course.waiting import until
from eventlab.events import Order
from eventlab.log import Topic
from eventlab.pictures.service_graph import ServiceGraph
from eventlab.services import Answer
from eventlab.services.spans import Row, calls, rows_of

CHAIN = ("shop", "payment", "stock", "warehouse")
LOG = ("front end", "payments", "packing", "shipping")
_WORK = ("server", "consumer")
_SETTLE_SECONDS = 20.0


class Followed(ServiceGraph):
    """Draw who calls whom in a chain and beside the log, while both take the same orders.

    `spans` is the topic of what the services of CHAIN and LOG did; the orders are found in it by
    their ids.
    """

    def __init__(self, spans: Topic, orders: Sequence[Order]) -> None:
        super().__init__(spans)
        self._orders = [order.order_id for order in orders]
        self._answers: list[Answer] = []

    def answered(self, answer: Answer) -> None:
        """Take in what the first service of the chain, or the front end, has answered."""
        self._answers.append(answer)

    def settle(self) -> None:
        """Return when each order is known from each service, or some are missing for long."""
        until(lambda: self.figures()["followed"] == len(self._orders), seconds=_SETTLE_SECONDS)
        super().settle()

    def scores(self) -> dict[str, Any]:
        """Return how many calls were made, and how many events were taken from a topic."""
        kinds = Counter(row["kind"] for row in rows_of(self._store.newest()))
        return {"calls": kinds["client"], "events from topics": kinds["consumer"]}

    def figures(self) -> dict[str, float]:
        """Return what the chapter's claim needs.

        Of how many orders each service has a span, how many calls were made in the chain and beside
        the log, how many services beside it got what the one before them wrote, for which share of
        its time on an order the shop waited, and the medians of that time, and of what the
        customers measured.
        """
        rows = rows_of(self._store.newest())
        shop = [row["duration_us"] for row in rows if _is(row, "shop", "server")]
        waiting = sum(row["duration_us"] for row in rows if _is(row, "shop", "client"))
        answers = [answer.seconds for answer in self._answers if answer.service == "shop"]
        return {
            "orders": len(self._orders),
            "followed": len(self._followed(rows)),
            "calls_in_chain": sum(_is_call_of(row, CHAIN) for row in rows),
            "calls_beside_log": sum(_is_call_of(row, LOG) for row in rows),
            "steps_by_topics": len(self._steps_by_topics()),
            "waiting": round(waiting / max(sum(shop), 1), 3),
            "shop_ms": round(statistics.median(shop or [0]) / 1000, 1),
            "customer_ms": round(1000 * statistics.median(answers or [0]), 1),
        }

    def _steps_by_topics(self) -> set[tuple[str, str]]:
        edges = rows_of(calls(self._store.newest()))
        found = {(row["caller"], row["callee"]) for row in edges if row["kind"] == "topic"}
        return found & set(pairwise(LOG))

    def _followed(self, rows: Sequence[Row]) -> list[str]:
        """Return the orders that every service has worked on."""
        keys = {row["trace_id"]: row["key"] for row in rows if row["key"] is not None}
        worked = {(keys.get(row["trace_id"]), row["service"]) for row in rows if _works(row)}
        services = [*CHAIN, *LOG]
        return [key for key in self._orders if all((key, one) in worked for one in services)]


def _works(row: Row) -> bool:
    return row["kind"] in _WORK


def _is(row: Row, service: str, kind: str) -> bool:
    return (row["service"], row["kind"]) == (service, kind)


def _is_call_of(row: Row, services: Sequence[str]) -> bool:
    return row["kind"] == "client" and row["service"] in services


def why_waiting(followed: Followed) -> str:
    """Return how long the shop worked on an order, and who else called whom."""
    found = followed.figures()
    return (
        f"The shop spends {found['shop_ms']:.0f} ms on an order, and for {found['waiting']:.0%} of"
        f" this time it waits. In the chain there were {found['calls_in_chain']} calls; beside the"
        f" log there were {found['calls_beside_log']}."
    )
