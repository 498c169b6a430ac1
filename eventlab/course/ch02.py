"""Chapter 02: what the table should be, what the joins and places should give, and the exercise."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import altair as alt
import bytewax.operators as op
import pandas
from bytewax.operators import KeyedStream

from eventlab.events import Customer, Order, OrderCancelled, Payment, encode
from eventlab.lab.verbs import Verbs
from eventlab.live.theme import COLOURS
from eventlab.log import Batch
from eventlab.pictures import Survivor
from eventlab.pictures.cells import Rows, cells_of
from eventlab.streams import Table
from eventlab.streams.arrivals import Arrival
from eventlab.teach.exercises import Wrong, takes

Event = Order | OrderCancelled | Payment
Kind = TypeVar("Kind", bound=Event | Customer)
Fold = Callable[[Any, dict[str, Any]], Any]

RIGHT = "go on right"
ZERO = "begin again at zero"
TWICE = "count some events twice"
MISSED = "miss some events"
GUESSES = [RIGHT, ZERO, TWICE, MISSED]
LEVELS = ["bronze", "silver", "gold", "platinum"]


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
    rows = frame.to_dict("index").items()
    return {str(key): {str(name): value for name, value in row.items()} for key, row in rows}


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


# -- the join at the right time -----------------------------------------------------------------


def of_kind(events: Sequence[Event | Customer], kind: type[Kind]) -> list[Kind]:
    """Return the events of one kind, in order."""
    return [event for event in events if isinstance(event, kind)]


def levels_then(weeks: Sequence[Order | Customer]) -> dict[str, str]:
    """Return by order the level that its customer had when it was placed, as pandas finds it."""
    orders, changes = _orders_and_changes(weeks)
    then = pandas.merge_asof(orders, changes, on="at", by="customer")
    return dict(zip(then["order"], then["level"], strict=True))


def _orders_and_changes(
    weeks: Sequence[Order | Customer],
) -> tuple[pandas.DataFrame, pandas.DataFrame]:
    orders = pandas.DataFrame(
        [(order.at, order.customer_id, order.order_id) for order in of_kind(weeks, Order)],
        columns=["at", "customer", "order"],
    )
    changes = pandas.DataFrame(
        [(one.at, one.customer_id, one.level) for one in of_kind(weeks, Customer)],
        columns=["at", "customer", "level"],
    )
    return orders, changes


def most_orders(weeks: Sequence[Order | Customer]) -> int:
    """Return how many orders the longest bar has, be it by the levels then or by the last ones."""
    orders, changes = _orders_and_changes(weeks)
    last = orders.merge(changes.drop_duplicates("customer", keep="last"), on="customer")
    then = pandas.Series(levels_then(weeks))
    return int(max(then.value_counts().max(), last["level"].value_counts().max()))


def looked_up(step: str, orders: KeyedStream[Arrival], table: Table) -> KeyedStream[Any]:
    """Return each order with the row that a table has of its customer now, as a call would."""

    def asked(pair: tuple[str, Arrival]) -> tuple[str, Any]:
        customer, order = pair
        return customer, {"left": order.event, "right": table.get(customer)}

    return op.map(step, orders, asked)


def levels_found(weeks: Sequence[Order | Customer]) -> Callable[[Verbs], dict[str, int]]:
    """Return what counts the orders that were joined, and those that got a wrong level."""
    right = levels_then(weeks)

    def counts(lab: Verbs) -> dict[str, int]:
        enriched = lab.read("with-level").to_dict("records")
        found = {row["left"]["order_id"]: row["right"]["level"] for row in enriched}
        wrong = sum(right[order] != level for order, level in found.items())
        return {"orders joined": len(found), "with a wrong level": wrong}

    return counts


def judged(weeks: Sequence[Order | Customer]) -> Callable[[Batch], dict[str, list[str]]]:
    """Return what draws each order by the level that was found, and whether that was right."""
    right = levels_then(weeks)

    def columns(batch: Batch) -> dict[str, list[str]]:
        levels = [fields["right"]["level"] for fields in batch.fields]
        then = [right[fields["left"]["order_id"]] for fields in batch.fields]
        marks = [
            "right" if one == other else "wrong" for one, other in zip(levels, then, strict=True)
        ]
        return {"level": levels, "mark": marks}

    return columns


def level_bars(weeks: Sequence[Order | Customer]) -> alt.Chart:
    """Return bars: how many orders came from customers of each level, the wrong ones in red.

    The axis is as long for the levels then as for the last ones, so that the two can be compared.
    """
    colour = alt.Scale(domain=["right", "wrong"], range=[COLOURS["table"], COLOURS["broken"]])
    length = alt.Scale(domain=[0, most_orders(weeks)])
    bars: alt.Chart = (
        alt.Chart(alt.NamedData("live"), title="Orders by the level that was found")
        .mark_bar()
        .encode(
            x=alt.X("count()", title="orders", scale=length),
            y=alt.Y("level:N", title=None, sort=LEVELS, scale=alt.Scale(domain=LEVELS)),
            color=alt.Color("mark:N", title="the level is", scale=colour),
        )
    )
    return bars


# -- one flow, three places ---------------------------------------------------------------------


def still_open(story: Sequence[Event]) -> Rows:
    """Return how many orders were neither paid nor cancelled, by customer, as pandas counts."""
    sent = pandas.DataFrame(
        [(type(event).__name__, event.customer_id, event.order_id) for event in story],
        columns=["what", "customer", "order"],
    )
    ended = sent.loc[sent["what"] != "Order", "order"]
    left = sent[(sent["what"] == "Order") & ~sent["order"].isin(ended)]
    counts = left["customer"].value_counts()
    return rows_of(counts.to_frame("open"))


# -- the exercise -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Failure:
    """What went wrong in a learner's fold, in a sentence that helps."""

    sentence: str


@dataclass(frozen=True)
class Written:
    """The rows that a fold wrote, one for each event: its changelog."""

    rows: Sequence[Any]


def folded(fold: Fold, story: Sequence[Event]) -> Any:
    """Return what a learner's fold writes for the events of a story, by customer.

    It never raises: of a fold that fails it returns a Failure, which the check tells, and dots
    where the fold has made no row at all.
    """
    rows: list[Any] = []
    known: dict[str, Any] = {}
    for event in story:
        customer = event.customer_id
        result = _called(fold, known.get(customer), json.loads(encode(event)))
        if isinstance(result, Failure):
            return result
        known[customer], row = result
        rows.append(row)
    return Written(rows) if any(row is not None for row in rows) else ...


def _called(fold: Fold, known: Any, event: dict[str, Any]) -> Any:
    what = event["type"].replace("_", " ")
    try:
        result = fold(known, event)
        found = f"{result!r:.100}"
    except KeyboardInterrupt:  # the learner's own wish to stop
        raise
    except BaseException as error:  # a learner may write anything, and is never shown a traceback
        return Failure(
            f"Your fold raised {_said(error)} at an event of the type {what!r}."
            " At a customer's first event nothing is known: None."
        )
    if result is None or result is ...:
        return None, None
    if isinstance(result, tuple) and len(result) == 2:
        return result
    return Failure(
        f"Your fold returned {found} at an event of the type {what!r}."
        " It returns two things, what is known now and the row: return known, row"
    )


def _said(error: BaseException) -> str:
    try:
        return f"{type(error).__name__} ({error!s:.100})"
    except Exception:  # what cannot be said has a kind all the same
        return type(error).__name__


@takes("what your fold made: ch02.folded(my_fold, story)")
def check_1(written: Written | Failure, *, events: Sequence[Event]) -> str:
    """Judge each row that was written: whether there is one, and with what sum."""
    if isinstance(written, Failure):
        raise Wrong(written.sentence)
    right = open_cents(events)
    rows = zip(events, written.rows, right, strict=True)
    for place, (event, row, cents) in enumerate(rows):
        _require_right(place, event, row, cents)
    last = {event.customer_id: cents for event, cents in zip(events, right, strict=True)}
    having = [cents for cents in last.values() if cents]
    return f"{len(having)} customers have {sum(having):,} cents open between them."


def _require_right(place: int, event: Event, row: Any, cents: int) -> None:
    whose = f"After story[{place}], the {type(event).__name__} of {event.customer_id},"
    if not cents and row is not None:
        raise Wrong(
            f"{whose} nothing is open, and the row is {row!r:.60}. When the last order is paid or"
            " cancelled the row has to go: it is None."
        )
    if cents and row is None:
        raise Wrong(
            f"{whose} {cents} cents are open, and there is no row."
            " What is kept of an order until it is paid or cancelled?"
        )
    if row is not None and (not isinstance(row, Mapping) or "cents" not in row):
        raise Wrong(
            f'{whose} the row is {row!r:.60}. A row is a dict with the sum: {{"cents": ...}}.'
        )
    if row is not None and row["cents"] != cents:
        raise Wrong(
            f"{whose} the sum is {row['cents']!r:.60} in place of {cents}. What an order was worth"
            " has to be taken off again when it is paid or cancelled, and no more."
        )


def open_cents(events: Sequence[Event]) -> list[int]:
    """Return after each event the value of its customer's open orders."""
    amounts = {one.order_id: one.amount_cents for one in of_kind(events, Order)}
    cents: dict[str, int] = defaultdict(int)
    after = []
    for one in events:
        amount = amounts[one.order_id]
        cents[one.customer_id] += amount if isinstance(one, Order) else -amount
        after.append(cents[one.customer_id])
    return after
