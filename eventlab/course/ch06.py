"""Chapter 06: the story and the sender's own record of it, the words of the claims, the exercise.

The orders service is in ch06_inside, the picture in ch06_wall.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from eventlab.course.ch06_inside import COLUMNS, PLACED, STATES, Row
from eventlab.course.ch06_inside import OrdersService as OrdersService
from eventlab.course.run_folder import run_folder
from eventlab.events import Event, Order, OrderCancelled, Payment, Shipment, Shop
from eventlab.lab.verbs import Verbs
from eventlab.log import Topic
from eventlab.log.schemas import Contract
from eventlab.teach.exercises import Wrong, takes

_ORDERS_PER_HOUR = 1.7
_EACH = timedelta(hours=3)


# -- the story ------------------------------------------------------------------------------------


class Change(Event, frozen=True):
    """Say that the team of the orders service changes its table: the first time, the second."""

    number: int


def story(seed: int, events: int) -> list[Event]:
    """Return what becomes of a shop's orders: placed, paid, sent or cancelled."""
    shop = Shop(seed=seed, customers=30, products=12, orders_per_hour=_ORDERS_PER_HOUR)
    return list(islice(shop.only(Order, Payment, Shipment, OrderCancelled), events))


def with_changes(story: Sequence[Event], changes: int, of: int = 3) -> list[Event]:
    """Return the story with changes of the table in it, `of` as many apart as three would be."""
    events: list[Event] = []
    places = {len(story) * number // (of + 1): number for number in range(1, changes + 1)}
    for place, event in enumerate(story):
        if place in places:
            events.append(Change(f"change-{places[place]}", event.at, places[place]))
        events.append(event)
    return events


def moments_of(story: Sequence[Event]) -> list[datetime]:
    """Return the moments at which one may ask how the business was: one every three hours."""
    start = story[0].at.replace(minute=0, second=0, microsecond=0)
    count = (story[-1].at - start) // _EACH
    return [start + (number + 1) * _EACH for number in range(count)]


# -- the sender's own record ----------------------------------------------------------------------


def record(story: Iterable[Event]) -> dict[str, Row]:
    """Return every order as it is after these events, from the shop's own list."""
    orders: dict[str, Row] = {}
    for event in story:
        if isinstance(event, Order):
            row = fields_of(event)
            orders[row.pop("order_id")] = row | {"state": PLACED}
        elif isinstance(event, Payment | Shipment | OrderCancelled):
            orders[event.order_id]["state"] = STATES[event_name(event)]
    return orders


def fields_of(order: Order) -> Row:
    """Return what the table has of an order when it is placed, but for its state."""
    return {name: getattr(order, name) for name in COLUMNS}


def expected(story: Iterable[Event], fields: Sequence[str]) -> dict[str, list[Any]]:
    """Return what a consumer that keeps these fields has to have after these events."""
    return {order: [row[name] for name in fields] for order, row in record(story).items()}


def event_name(event: Event) -> str:
    """Return the name that an event has in its field `type`."""
    return str(event.__struct_config__.tag)


def inside_of(lab: Verbs, name: str = "orders") -> Path:
    """Return the file of a run's table, which is not there yet; it goes when the run ends."""
    return run_folder(lab, name) / "orders.db"


def contract(lab: Verbs, journal: Topic, schema: Row) -> Contract:
    """Return the contract of what goes into a journal, kept by a registry that begins anew."""
    return lab.new_registry().contract(journal, schema, compatibility="FULL")


# -- what comes out -------------------------------------------------------------------------------

NONE = "none"
ONE = "one"
THREE = "three"
ALL = "all four"
GUESSES = [NONE, ONE, THREE, ALL]
_BOUNDS = [(0, NONE), (1, ONE), (3, THREE)]


def outcome(found: Row) -> str:
    """Return which of the guesses came true: how many consumers have stopped or are wrong."""
    wrong = found["consumers"] - found["right"]
    return next((words for bound, words in _BOUNDS if wrong <= bound), ALL)


def why(found: Row) -> str:
    """Return what the changes of the table did to the consumers, in a sentence."""
    return (
        f"The table was changed {found['changes']} times. {found['right']} of"
        f" {found['consumers']} consumers have every order right, and nobody has touched them."
    )


def why_rows(broken: Row) -> str:
    """Return what came of publishing the rows, in a sentence."""
    return (
        f"{broken['changes of the table']} changes of the table have put out"
        f" {broken['lamps out']} lamps. {broken['events not read']} times a consumer has missed an"
        f" event, and the past could be built as of {broken['moments built']} moments only."
    )


def why_nothing_changes(broken: Row) -> str:
    """Return what comes of publishing the rows while the table stays as it is, in a sentence."""
    return (
        f"Published as rows, with {broken['changes of the table']} changes of the table: lamps out:"
        f" {broken['lamps out']}, events not read: {broken['events not read']}."
    )


# -- the exercise ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mapped:
    """What a learner's function has made of the rows of the table, in the order of their orders."""

    rows: list[Any]


@dataclass(frozen=True)
class Failure:
    """Why a row was not mapped."""

    sentence: str


def fourth(order: str, row: Row) -> Row:
    """Return an order as the table has it after its fourth change."""
    return {
        "order_id": order,
        "customer_id": row["customer_id"],
        "basket": f"{row['product_id']} x {row['quantity']}",
        "price": f"{row['amount_cents'] / 100:.2f}",
        "address": f"Main Street 7, {row['country']}",
        "state": row["state"],
    }


def mapped(outside: Callable[[Row], Any], story: Iterable[Event]) -> Any:
    """Let a learner's function map every order of a story; blank stays blank.

    What it raises is a Failure.
    """
    rows = []
    for order, row in record(story).items():
        try:
            found = outside(fourth(order, row))
        except KeyError as error:
            return Failure(f"A row has no {error}: its fields are {_listed(fourth(order, row))}.")
        except Exception as error:  # the learner's own code
            return Failure(f"Your function raised {type(error).__name__}: {error}.")
        if found is ... or (isinstance(found, dict) and ... in found.values()):
            return ...
        rows.append(found)
    return Mapped(rows)


@takes("what your function made: ch06.mapped(outside, story)")
def check_1(answer: Mapped | Failure, *, story: Sequence[Event]) -> str:
    """Judge the rows that a learner's wall lets out: each has to be what the contract promises."""
    if isinstance(answer, Failure):
        raise Wrong(answer.sentence)
    orders = record(story)
    for found, (order, row) in zip(answer.rows, orders.items(), strict=True):
        _require_mapped(found, {"order_id": order, **row})
    return (
        f"Right: {len(orders)} orders, each as the contract promises. The table has changed a"
        " fourth time, and nobody outside has to know."
    )


def _require_mapped(found: Any, right: Row) -> None:
    if not isinstance(found, dict):
        raise Wrong(f"Return the row as a dict; this is {type(found).__name__} {found!r:.60}.")
    more = [name for name in found if name not in right]
    if more:
        raise Wrong(
            f"The contract has no field {more[0]!r}, so it would be refused. Take it out of the"
            f" row as you read it: row.pop({more[0]!r})."
        )
    for name, value in right.items():
        if name not in found:
            raise Wrong(f"The contract promises {name!r}, and it is not there.")
        if found[name] != value or type(found[name]) is not type(value):
            raise Wrong(_hint(name, found[name], value, right["order_id"]))


def _hint(name: str, found: Any, value: Any, order: str) -> str:
    where = f"{order}: {name} is {found!r:.40} in place of {value!r}."
    if name == "country":
        return f"{where} The country is the last two letters of the address."
    if name != "amount_cents":
        return where
    if isinstance(found, str):
        return f"{where} The contract wants a number, not a text."
    if isinstance(found, float) and round(found) == value:
        return f"{where} The contract wants a whole number: round it."
    if isinstance(found, int) and abs(found - value) == 1:
        return f"{where} One cent is missing: a float is not exact. Round it in place of cutting."
    return f"{where} The contract wants cents, and the price is in euros."


def _listed(row: Row) -> str:
    return ", ".join(row)
