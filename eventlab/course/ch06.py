"""Chapter 06: the story and the sender's own record of it, the words of the claims, the exercise.

The orders service is in ch06_inside, the picture in ch06_wall.
"""

import shutil
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from eventlab.course.ch06_inside import PLACED, STATES, Row
from eventlab.course.ch06_inside import OrdersService as OrdersService
from eventlab.events import Event, Order, OrderCancelled, Payment, Shipment, Shop
from eventlab.folders import data_folder, named_folder
from eventlab.lab.verbs import Verbs
from eventlab.log import Topic
from eventlab.log.schemas import Contract

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
    told: list[Event] = []
    places = {len(story) * number // (of + 1): number for number in range(1, changes + 1)}
    for place, event in enumerate(story):
        if place in places:
            told.append(Change(f"change-{places[place]}", event.at, places[place]))
        told.append(event)
    return told


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
            orders[event.order_id] = {
                "customer_id": event.customer_id,
                "product_id": event.product_id,
                "quantity": event.quantity,
                "amount_cents": event.amount_cents,
                "country": event.country,
                "state": PLACED,
            }
        elif isinstance(event, Payment | Shipment | OrderCancelled):
            orders[event.order_id]["state"] = STATES[event_name(event)]
    return orders


def expected(story: Iterable[Event], fields: Sequence[str]) -> dict[str, list[Any]]:
    """Return what a consumer that keeps these fields has to have after these events."""
    return {order: [row[name] for name in fields] for order, row in record(story).items()}


def event_name(event: Event) -> str:
    """Return the name that an event has in its field `type`."""
    return str(event.__struct_config__.tag)


def inside_of(lab: Verbs) -> Path:
    """Return the file of a run's table, which is not there yet; it goes when the run ends."""
    folder = named_folder(data_folder() / "inside", lab.name("orders"))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    lab.keep(lambda: shutil.rmtree(folder, ignore_errors=True))
    return folder / "orders.db"


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
