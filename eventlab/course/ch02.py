"""Chapter 02: what the table should be, what the joins and places should give, and the exercise."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas

from eventlab.events import Order, OrderCancelled, Payment, encode
from eventlab.pictures import Survivor
from eventlab.pictures.survivor import Rows, cells_of
from eventlab.teach.exercises import Wrong, takes

Event = Order | OrderCancelled | Payment
Fold = Callable[[Any, dict[str, Any]], Any]

RIGHT, ZERO, TWICE, MISSED = (
    "go on right",
    "begin again at zero",
    "count some events twice",
    "miss some events",
)
GUESSES = [RIGHT, ZERO, TWICE, MISSED]
COLUMNS = ["placed", "open"]


# -- the table as it should be ------------------------------------------------------------------


def right_table(story: Sequence[Event]) -> Callable[[int], Rows]:
    """Return what says which rows are right after the first so many events of a story.

    Pandas adds them up over the list of what was sent; no flow has a part in it.
    """
    placed = [int(isinstance(event, Order)) for event in story]
    sent = pandas.DataFrame({"customer": [event.customer_id for event in story], "placed": placed})
    sent["open"] = 2 * sent["placed"] - 1  # what is no order ends one

    def right(number: int) -> Rows:
        rows = sent.iloc[:number].groupby("customer").sum()
        return rows_of(rows)

    return right


def rows_of(frame: pandas.DataFrame) -> Rows:
    """Return the rows of a frame by its index."""
    return {str(key): row for key, row in frame.to_dict("index").items()}


def compare(found: pandas.DataFrame | Rows, expected: Rows) -> int:
    """Return how many cells are wrong: they differ, are missing, or should not be there."""
    cells = cells_of(rows_of(found) if isinstance(found, pandas.DataFrame) else found)
    right = cells_of(expected)
    return sum(cells.get(cell) != right.get(cell) for cell in {*cells, *right})


def placed(rows: Rows) -> int:
    """Return how many orders the rows count in all."""
    return sum(row["placed"] for row in rows.values())


def outcome(table: Survivor, expected: Rows) -> str:
    """Return which of the guesses came true of a table whose processor was killed."""
    found = {key: row["placed"] for key, row in table.rows.items()}
    right = {key: row["placed"] for key, row in expected.items()}
    if found == right:
        return RIGHT
    if sum(found.values()) > sum(right.values()):
        return TWICE
    before = {key: row["placed"] for key, row in table.before.items()}
    restarted = [key for key in before if found.get(key) == right[key] - before[key]]
    return ZERO if restarted else MISSED


def why(table: Survivor, expected: Rows) -> str:
    """Return what was counted before the kill, at the end, and how many there were."""
    return (
        f"{placed(table.before)} orders were counted when the processor was killed, and"
        f" {placed(table.rows)} at the end; {placed(expected)} were placed."
    )


# -- the exercise -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Failure:
    """What went wrong in a learner's fold, in a sentence that helps."""

    sentence: str


def table_by(fold: Fold, story: Sequence[Event]) -> Any:
    """Return the rows that a fold makes of a story, by customer.

    It never raises: of a fold that fails it returns a Failure, which the check tells, and dots
    where the fold has made no row at all.
    """
    rows: dict[str, Any] = {}
    known: dict[str, Any] = {}
    for event in story:
        customer = event.customer_id
        result = _folded(fold, known.get(customer), json.loads(encode(event)))
        if isinstance(result, Failure):
            return result
        known[customer], rows[customer] = result
    made = {customer: row for customer, row in rows.items() if row is not None}
    return made or ...


def _folded(fold: Fold, known: Any, event: dict[str, Any]) -> Any:
    what = event["type"].replace("_", " ")
    try:
        result = fold(known, dict(event))
    except KeyboardInterrupt:  # the learner's own wish to stop
        raise
    except BaseException as error:  # a learner may write anything, and is never shown a traceback
        return Failure(
            f"Your fold raised {type(error).__name__} ({error!s:.100}) at the event {what!r}, with"
            f" {known!r:.100} known. Before a customer's first event nothing is known: None."
        )
    if result is None or result is ...:
        return None, None
    if isinstance(result, tuple) and len(result) == 2:
        return result
    return Failure(
        f"Your fold returned {result!r:.100} at the event {what!r}."
        " It returns two things: what is known now, and the row. return known, row"
    )


@takes("the rows that the fold made, by customer, and the events that it was given")
def check_1(rows: Mapping[str, Any] | Failure, *, events: Sequence[Event]) -> str:
    """Judge the table: who is in it, and with what sum."""
    if isinstance(rows, Failure):
        raise Wrong(rows.sentence)
    expected = open_cents(events)
    extra = set(rows) - set(expected)
    missing = set(expected) - set(rows)
    if extra and not missing:
        raise Wrong(
            f"{len(extra)} customers are in the table who have no open order, such as {min(extra)}."
            " When the last one is paid or cancelled the row has to go: return None, None."
        )
    if missing:
        raise Wrong(
            f"{len(missing)} customers with open orders are not in the table, such as"
            f" {min(missing)}. What is kept of an order until it is paid or cancelled?"
        )
    shapeless = [
        key for key, row in rows.items() if not isinstance(row, Mapping) or "cents" not in row
    ]
    if shapeless:
        raise Wrong(
            f"The row of {min(shapeless)} is {rows[min(shapeless)]!r}."
            ' A row is a dict with the sum: {"cents": ...}.'
        )
    wrong = {key: row["cents"] for key, row in rows.items() if row["cents"] != expected[key]}
    if wrong:
        customer = min(wrong)
        raise Wrong(
            f"The sums of {len(wrong)} customers are not right: {customer} has {wrong[customer]}"
            f" in place of {expected[customer]}. What an order was worth has to be taken off"
            " again when it is paid or cancelled, and no more."
        )
    return f"{len(expected)} customers have {sum(expected.values()) / 100:,.2f} open between them."


def open_cents(events: Sequence[Event]) -> dict[str, int]:
    """Return the value of the orders that were neither paid nor cancelled, by customer."""
    orders = {one.order_id: one for one in events if isinstance(one, Order)}
    for one in events:
        if not isinstance(one, Order):
            orders.pop(one.order_id, None)
    cents: dict[str, int] = defaultdict(int)
    for order in orders.values():
        cents[order.customer_id] += order.amount_cents
    return dict(cents)
