"""Chapter 07: what came of the guesses, a table that is stuck, and the exercise."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

from eventlab.course.ch07_contention import A_SECOND, WAITED
from eventlab.course.ch07_contention import Contention as Contention
from eventlab.course.ch07_rename import Renaming as Renaming
from eventlab.course.ch07_selling import Selling as Selling
from eventlab.course.ch07_table import OWN, SHARED
from eventlab.course.ch07_table import SERVICES as SERVICES
from eventlab.course.ch07_table import Both as Both
from eventlab.course.ch07_table import both as both
from eventlab.course.ch07_table import prepare as prepare
from eventlab.course.waiting import until
from eventlab.database import Database
from eventlab.teach.exercises import Wrong, takes

if TYPE_CHECKING:
    from pandas import DataFrame

MORE = "about four times as many"
SOME = "about twice as many"
SAME = "about as many as one"
FEWER = "clearly fewer than one"
GUESSES = [MORE, SOME, SAME, FEWER]
_BOUNDS = [(0.7, FEWER), (1.5, SAME), (2.8, SOME)]


# -- what came of it ------------------------------------------------------------------------------


def outcome(picture: Contention) -> str:
    """Return which of the guesses came true of the shared table."""
    grown = picture.grown()
    return next((words for bound, words in _BOUNDS if grown < bound), MORE)


def why(found: Mapping[str, Any]) -> str:
    """Return what four services got done in both designs, and how often they waited."""
    return (
        f"Services in the end: {found['services']}. All together they got"
        f" {found['shared_a_second']:.0f} orders done a second at the shared table, and"
        f" {found['own_a_second']:.0f} with views of their own. Of"
        f" {found['handled']} changes to the shared table {found['shared_waited']} had to wait for"
        " another service."
    )


def why_failed(picture: Renaming) -> str:
    """Return how many look-ups failed in both designs, and what the database said to them."""
    found = picture.figures()
    said = f" The database said: {picture.error}." if picture.error else ""
    return (
        f"{found['shared_failed']} of {found['look_ups']} look-ups failed at the shared table,"
        f" {found['own_failed']} at views of their own.{said}"
    )


ALONE = ["the shared table", "views of its own", "hardly any difference"]
_HARDLY = 1.5


def outcome_alone(counts: Mapping[str, Any]) -> str:
    """Return from a scoreboard which design one service gets more done with."""
    shared, own = _rates(counts)
    if own > _HARDLY * shared:
        return ALONE[1]
    return ALONE[0] if shared > _HARDLY * own else ALONE[2]


def why_alone(counts: Mapping[str, Any]) -> str:
    """Return from a scoreboard what one service got done with both designs."""
    shared, own = _rates(counts)
    waited = counts[f"{SHARED}: {WAITED}"]
    return (
        f"Alone it got {shared:.0f} orders done a second at the table, and {own:.0f} at its own"
        f" view. Orders for which it had to wait at the table: {waited}. It is the sharing that"
        " costs, and not the database."
    )


def _rates(counts: Mapping[str, Any]) -> tuple[float, float]:
    rates = [counts[f"{design}: {A_SECOND}"] for design in (SHARED, OWN)]
    shared, own = [0.0 if isinstance(rate, str) else float(rate) for rate in rates]
    return shared, own


# -- a table that is stuck ------------------------------------------------------------------------

REPORT = "nightly report"
MIGRATION = "migration"
_READERS = ["stock", "sales", "shipping"]
_REPORT = "select sum(stock) from products"
_MIGRATE = "alter table products add column weight int"
_READ = "select price_cents from products"


def stuck(database: Database) -> "DataFrame":
    """Let a table get stuck, as they do; return who waits for whom then, and let it go on."""
    database.sql("create table products (product_id text primary key, price_cents int, stock int)")
    statements = {MIGRATION: _MIGRATE, **dict.fromkeys(_READERS, _READ)}
    holding = database.connect(name=REPORT)
    holding.execute(_REPORT)  # its transaction goes on, as nobody ends it
    lines = {name: database.connect(autocommit=True, name=name) for name in statements}
    with ThreadPoolExecutor(len(lines)) as threads:
        try:
            for number, (name, line) in enumerate(lines.items(), start=1):
                threads.submit(line.execute, statements[name].encode())
                until(partial(_are_waiting, database, number))
            return database.locks()
        finally:
            holding.rollback()


def _are_waiting(database: Database, number: int) -> bool:
    return len(database.locks()) >= number


# -- the exercise ---------------------------------------------------------------------------------


@takes("the name of a connection, as a text")
def check_1(name: str, *, waits: "DataFrame") -> str:
    """Judge who it is that all others wait for, of the rows of `locks`."""
    given = name.strip().lower()
    blocked_by = dict(zip(waits["waiting_name"], waits["blocking_name"], strict=True))
    blocking = set(blocked_by.values())
    if given not in blocking | set(blocked_by):
        raise Wrong(f"There is no connection {name!r} in the table: take a name from it.")
    if given not in blocking:
        raise Wrong(f"Nobody waits for {given}. It stands at the end of the line.")
    if given in blocked_by:
        behind = sum(other == given for other in blocked_by.values())
        raise Wrong(
            f"{behind} connections wait for {given}. But it waits itself: look for its own row,"
            " and who stands there as blocking."
        )
    return (
        f"{given} waits for nobody, and all the others for it. It only reads. But its transaction"
        " is still open, so the column cannot be added; and who comes later has to stand behind"
        " that."
    )
