"""Chapter 08: the story, the team of the data service, what comes of the guesses, the exercise.

The data service is in ch08_service, the pictures are in ch08_reports and ch08_export.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import Any

import msgspec

from eventlab.course.ch08_service import (
    FOLDS,
    MOST_IDS,
    TABLES,
    Endpoints,
    Refused,
    Row,
    data_service,
)
from eventlab.events import Customer, Event, Order, Product, Shop
from eventlab.events.shop import MONDAY_MORNING
from eventlab.lab.verbs import Verbs
from eventlab.teach.exercises import Wrong, takes
from eventlab.views import View

CUSTOMERS = 80
_PRODUCTS = 40
_BETWEEN = timedelta(minutes=3)


# -- the story ------------------------------------------------------------------------------------


class Question(Event, frozen=True):
    """Say that somebody wants the sales by a field, on a day."""

    field: str
    day: int


@dataclass(frozen=True)
class Story:
    """Hold what a shop tells: its customers, its products, and orders."""

    customers: list[Customer]
    products: list[Product]
    orders: list[Order]

    def by_topic(self) -> dict[str, Sequence[Event]]:
        """Return the events by the name of the topic that they go to."""
        return {"customers": self.customers, "products": self.products, "orders": self.orders}


def story(seed: int, orders: int) -> Story:
    """Return the customers and the products of a shop, and its first orders."""
    shop = Shop(seed=seed, customers=CUSTOMERS, products=_PRODUCTS)
    return Story(
        list(islice(shop.customers(), CUSTOMERS)),
        list(islice(shop.products(), _PRODUCTS)),
        list(islice(shop.orders(), orders)),
    )


def fill(lab: Verbs, story: Story, orders: int) -> Story:
    """Write a story into topics of a lab, with so many of its orders; return what was written."""
    written = replace(story, orders=story.orders[:orders])
    for topic, events in written.by_topic().items():
        lab.produce(events, into=lab.new_topic(topic))
    return written


def questions(fields: Sequence[str], days: int = 2) -> list[Question]:
    """Return the questions of some days: each asks for the sales by a field, several days long."""
    asked = [(field, day) for field in fields for day in range(1, days + 1)]
    return [
        Question(f"q{number}", MONDAY_MORNING + number * _BETWEEN, field, day)
        for number, (field, day) in enumerate(asked)
    ]


def sales(story: Story, *fields: str) -> dict[Any, int]:
    """Return the cents of the orders by one field, or by several, from the shop's own lists."""
    customers = {one.customer_id: one for one in story.customers}
    products = {one.product_id: one for one in story.products}
    sums: Counter[Any] = Counter()
    for order in story.orders:
        pair = (customers[order.customer_id], products[order.product_id])
        found = [_field(pair, field) for field in fields]
        sums[found[0] if len(found) == 1 else tuple(found)] += order.amount_cents
    return dict(sums)


def named(story: Story, field: str) -> int:
    """Return how many rows have to be known for the sales by a field: customers, or products."""
    if field == "category":
        return len({order.product_id for order in story.orders})
    return len({order.customer_id for order in story.orders})


def _field(events: Sequence[Any], field: str) -> Any:
    return next(getattr(one, field) for one in events if hasattr(one, field))


# -- the team that has the data service -----------------------------------------------------------

MOST_ROWS = 50  # that a daily report may fetch before the team gives it an endpoint of its own


class Team:
    """Run the data service of a lab, and give it further endpoints: each needs a deployment.

    `story` is what the topics hold of which its database is made.
    """

    def __init__(self, lab: Verbs, endpoints: Mapping[str, str], story: Story) -> None:
        self.story = story
        self._lab = lab
        self._endpoints = dict(endpoints)
        self.deployments = 0
        self._deploy()

    def add(self, path: str, query: str) -> None:
        """Add an endpoint, and return when the new version takes requests."""
        self._endpoints[path] = query
        self._deploy()

    def has(self, path: str) -> bool:
        """Tell whether there is an endpoint of this path."""
        return path in self._endpoints

    def seen(self) -> Row:
        """Return what the service says of itself: its endpoints, its calls and the rows it sent."""
        found: Row = self.service.ask("/")
        return found

    def _deploy(self) -> None:
        # Both versions run for a moment, and two processes cannot write into one file.
        name = self._lab.name(f"data.{self.deployments}")
        folds = {self._lab.topic(topic): fold for topic, fold in FOLDS.items()}
        database = View(name, folds, store=TABLES)
        self.service = self._lab.serve("data", data_service(database, self._endpoints))
        self.deployments += 1


# -- what comes out -------------------------------------------------------------------------------

FOUR = "about 4"
GROUPS = "about 20"
EACH = "about 60"
ORDERS = "about 240"
GUESSES = [FOUR, GROUPS, EACH, ORDERS]
_BOUNDS = [(10, FOUR), (35, GROUPS), (110, EACH)]


def outcome(calls: int) -> str:
    """Return which of the guesses of the calls came true."""
    return next((words for bound, words in _BOUNDS if calls <= bound), ORDERS)


def why(calls: int, orders: int) -> str:
    """Return why a report takes so many calls, in a sentence."""
    return (
        f"One call for the list of {orders} orders, and one for each of the {calls - 1} customers"
        f" in it: {calls}. People call it “N+1”."
    )


def why_endpoints(kept: Mapping[str, Any], broken: Mapping[str, Any]) -> str:
    """Return what the questions did to the list of endpoints in both runs."""
    added = "endpoints added"
    return (
        f"Each new question fetched whole tables, so it got an endpoint: {broken[added]} more."
        f" In the run beside it there are {kept[added]} more."
    )


def why_tiny(broken: Mapping[str, Any]) -> str:
    """Return what our reports cost where there are few orders, in a sentence."""
    return (
        "With so few orders a report from the data service takes"
        f" {broken['ours: ms']:.0f} ms. All of them fetched"
        f" {broken['rows for ours']} rows, and {broken['endpoints added']} endpoints"
        " were added for them."
    )


def why_export(broken: Mapping[str, Any]) -> str:
    """Return what is wrong with a copy that was made from pages, in a sentence."""
    return (
        f"{broken['changes']} events changed the table meanwhile. Orders that were there all the"
        f" time, and are missed: {broken['missed']}. Came twice: {broken['came twice']}."
        f" Out of date at the end: {broken['out of date']}."
    )


def why_numbered(broken: Mapping[str, Any]) -> str:
    """Return what is wrong with a copy that was made from numbered changes, in a sentence."""
    return (
        f"Missed: {broken['missed']}, came twice: {broken['came twice']},"
        f" out of date: {broken['out of date']}."
    )


# -- the exercise ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Made:
    """A report that was made by calls: what it says, and how many calls it took."""

    totals: Any
    calls: int


@dataclass(frozen=True)
class Failure:
    """Why a report was not made."""

    sentence: str


def made(report: Callable[..., Any], endpoints: Mapping[str, str], story: Story) -> Any:
    """Let a learner's function make its report, and count its calls; blank stays blank.

    `report(ask)` gets what asks for a path. What it raises is a Failure.
    """
    answers = Endpoints(endpoints)
    asked: list[str] = []
    with closing(_database(story)) as database:

        def ask(path: str) -> list[Row]:
            asked.append(path)
            return answers.answer(database, path, {})

        try:
            totals = report(ask)
        except Refused as refusal:
            return Failure(f"The data service says: {refusal}.")
        except Exception as error:  # the learner's own code
            return Failure(f"Your report raised {type(error).__name__}: {error}.")
    return totals if totals is ... else Made(totals, len(asked))


def _database(story: Story) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:")
    database.executescript(TABLES.schema)
    for topic, events in story.by_topic().items():
        for event in events:
            FOLDS[topic](database, msgspec.to_builtins(event))
    return database


@takes("what your report made: ch08.made(report, endpoints, story)")
def check_1(report: Made | Failure, *, story: Story) -> str:
    """Judge a report by two fields that was made by calls: what it says, and how many it took."""
    if isinstance(report, Failure):
        raise Wrong(report.sentence)
    _require_totals(report.totals, sales(story, "level", "category"))
    customers = named(story, "level")
    products = named(story, "category")
    if report.calls > 1 + customers + products:
        raise Wrong(
            f"The report is right, and took {report.calls} calls. Some rows came more than once:"
            " ask for each customer and product only once."
        )
    fewest = 1 + -(-customers // MOST_IDS) + -(-products // MOST_IDS)
    if report.calls > fewest:
        raise Wrong(
            f"The report is right, and took {report.calls} calls. Ask for {MOST_IDS} ids with each"
            " call, with commas between them, and it takes a handful."
        )
    rows = len(story.orders) + customers + products
    return (
        f"Right, with {report.calls} calls. They fetched {rows} rows for a report of"
        f" {len(report.totals)}; from your own view it is one more join."
    )


def _require_totals(found: Any, right: Mapping[Any, int]) -> None:
    if not isinstance(found, Mapping):
        raise Wrong(f"Return a dict with the cents; this is {type(found).__name__} {found!r:.60}.")
    if found and not all(isinstance(key, tuple) and len(key) == 2 for key in found):
        raise Wrong('The keys are pairs, the level first: ("gold", "books").')
    if {key[::-1] for key in found} == set(right) != set(found):
        raise Wrong('The level comes first in each pair: ("gold", "books").')
    for key, cents in right.items():
        if found.get(key) != cents:
            state = "is missing" if key not in found else f"is {found[key]!r:.40}"
            raise Wrong(f"{key} {state}, in place of {cents} cents. Add up each order's cents.")
    more = sorted(map(str, set(found) - set(right)))
    if more:
        raise Wrong(f"Nobody has ordered this: {more[0]:.60}.")
