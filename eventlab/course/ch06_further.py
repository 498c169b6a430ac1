"""Chapter 06, further: versions of a contract, and a wall with a hole."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from eventlab.course.ch06 import expected, record
from eventlab.course.ch06_inside import PLACED, Row
from eventlab.course.waiting import until
from eventlab.errors import ContractError
from eventlab.events import Event
from eventlab.log import Topic
from eventlab.log.schemas import Contract
from eventlab.services import EventService, Registry
from eventlab.views import View

_REFUSED = "breaks the contract"

# -- versions of a contract -----------------------------------------------------------------------


def placed(story: Iterable[Event]) -> list[Row]:
    """Return the orders of a story as the contract has them, each when it was placed."""
    orders = record(story).items()
    return [{"order_id": order, **row, "state": PLACED} for order, row in orders]


def with_field(schema: Row, name: str, kind: str, *, in_place_of: str = "", **more: Any) -> Row:
    """Return a schema with one more field, or with another one in the place of one of its own."""
    others = [field for field in schema["fields"] if field["name"] != in_place_of]
    return {**schema, "fields": [*others, {"name": name, "type": kind, **more}]}


def first_allowed(
    registry: Registry, topic: Topic, schemas: Sequence[Row], refusals: list[str]
) -> Contract:
    """Return the contract of the first schema that the registry allows; note why it refuses others.

    Raises ContractError where it refuses the last one too.
    """
    for schema in schemas[:-1]:
        try:
            return registry.contract(topic, schema)
        except ContractError as refusal:
            refusals.append(str(refusal))
    return registry.contract(topic, schemas[-1])


def written(orders: Iterable[Row], contract: Contract) -> list[Row]:
    """Return orders as a version of the contract has them, each of them a gift if it knows that."""
    names = [field["name"] for field in contract.schema["fields"]]
    known = [order | {"gift": True, "amount": order["amount_cents"]} for order in orders]
    return [{name: order[name] for name in names} for order in known]


def versions(old: View, new: View, orders: Sequence[Row], refusals: Sequence[str]) -> Row:
    """Return what the claim needs: how many orders each reader has, and what was refused."""
    return {
        "orders": len(orders),
        "refused": len(refusals),
        "old_has": _read(old),
        "new_has": _read(new),
    }


def _read(view: View) -> int:
    until(lambda: view.behind == 0 or view.error is not None)
    return view.read(len)


# -- a hole in the wall ---------------------------------------------------------------------------


def when_it_stands(service: EventService, views: Mapping[str, View], story: Sequence[Event]) -> Row:
    """Return what has happened when a service has stopped, or has published all."""
    until(lambda: service.state == "failed" or _published(views) >= len(story))
    _until_read(views)
    said = "" if service.error is None else str(service.error)
    return {"published": _published(views), "refused": int(_REFUSED in said), "said": said}


def after_mending(
    before: Row, views: Mapping[str, View], fields: Mapping[str, Sequence[str]], story: list[Event]
) -> Row:
    """Return what the claim needs when all is published: who has stopped, and who is right."""
    until(lambda: _published(views) >= len(story))
    _until_read(views)
    right = [
        name for name, view in views.items() if view.read(dict) == expected(story, fields[name])
    ]
    return {
        "refused": before["refused"],
        "consumers_stopped": sum(view.error is not None for view in views.values()),
        "right": len(right),
        "consumers": len(views),
    }


def _published(views: Mapping[str, View]) -> int:
    """Return how many events are in the journal that all of them read."""
    (journal,) = next(iter(views.values())).topics
    return sum(journal.end_offsets().values())


def _until_read(views: Mapping[str, View]) -> None:
    until(lambda: all(one.error is not None or one.behind == 0 for one in views.values()))
