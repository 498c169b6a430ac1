"""Chapter 06: the orders service: its table, which changes, and what it tells others of it.

It has no more imports than its process needs.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from eventlab.log import Record
from eventlab.log.records import value_bytes
from eventlab.log.schemas import Contract
from eventlab.moments import milliseconds

Row = dict[str, Any]
Undo = Callable[[Row], object]

TABLE = (
    "create table orders(order_id text primary key, customer_id text, product_id text,"
    " quantity integer, amount_cents integer, country text, state text)"
)
PLACED = "placed"
STATES = {"payment": "paid", "shipment": "sent", "order_cancelled": "cancelled"}
COLUMNS = ("order_id", "customer_id", "product_id", "quantity", "amount_cents", "country")
_TAX = 19  # per cent
_LONGEST_WAIT_SECONDS = 10


class OrdersService:
    """Keep orders in a table, and tell of each change of a row.

    `changes` are what is done to the table, one after the other, each at an event of the type
    "change". What goes out is the row: by a `contract`, after what the changes did to it was undone
    by the functions of the `wall`, the last one first; without a contract as it is, in JSON.
    """

    def __init__(
        self,
        file: Path,
        changes: Sequence[str],
        wall: Sequence[Undo] = (),
        contract: Contract | None = None,
    ) -> None:
        self.file = file
        self._changes = changes
        self._wall = wall
        self._contract = contract
        self._database: sqlite3.Connection | None = None

    def __call__(self, event: Row) -> list[Record]:
        """Take what has happened to an order, or to the table; return what goes out."""
        if self._database is None:
            self._database = opened(self.file)
        with self._database as database:
            if event["type"] == "change":
                _change(database, self._changes, event["number"])
                return []
            _write(database, event)
            row = _row(database, event["order_id"])
            version = version_of(database)
        return [self._published(row, version, event["at"])]

    def _published(self, row: Row, version: int, at: str) -> Record:
        return Record(row["order_id"], self._value(row, version), _time(at))

    def _value(self, row: Row, version: int) -> bytes | None:
        if self._contract is None:
            return value_bytes(row)
        for undo in reversed(self._wall[:version]):
            undo(row)
        return self._contract.encode(row)


def opened(file: Path) -> sqlite3.Connection:
    """Return a connection to the table, which is made if it is not there."""
    database = sqlite3.connect(file, timeout=_LONGEST_WAIT_SECONDS)
    database.execute("pragma journal_mode = wal")
    database.execute(TABLE.replace("table", "table if not exists", 1))
    return database


def version_of(database: sqlite3.Connection) -> int:
    """Return how many changes the table has had."""
    (version,) = database.execute("pragma user_version").fetchone()
    return int(version)


class Seen(NamedTuple):
    """What one sees of a table: how many changes it has had, and its newest row."""

    version: int
    row: Row


def seen(file: Path) -> Seen:
    """Return what the table is like now; its row is {} before the first order.

    Raises sqlite3.Error while there is no table.
    """
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
        database.execute("begin")  # both of one moment
        row = _first(database.execute("select * from orders order by rowid desc limit 1"))
        return Seen(version_of(database), row)


def inside(order: Mapping[str, Any], version: int) -> Row:
    """Return an order that was placed, as the table of a version has it."""
    row: Row = {name: order[name] for name in COLUMNS}
    if version >= 1:
        row["ship_to"] = row.pop("country")
    if version >= 2:
        amount = row.pop("amount_cents")
        tax = amount * _TAX // (100 + _TAX)
        row |= {"net_cents": amount - tax, "tax_cents": tax}
    if version >= 3:
        row["basket"] = f"{row.pop('product_id')} x {row.pop('quantity')}"
    return row | {"state": PLACED}


class Renamed(NamedTuple):
    """What a change did to the columns: those that are gone, and those that are new."""

    gone: list[str]
    new: list[str]


def renamed(version: int) -> Renamed:
    """Return what the change that made this version did to the columns."""
    order = dict.fromkeys(COLUMNS, "") | {"amount_cents": 0}
    before = inside(order, version - 1)
    after = inside(order, version)
    return Renamed(
        [name for name in before if name not in after],
        [name for name in after if name not in before],
    )


def new_columns(version: int) -> set[str]:
    """Return the columns that all changes up to this version have made."""
    return {name for number in range(1, version + 1) for name in renamed(number).new}


def _change(database: sqlite3.Connection, changes: Sequence[str], number: int) -> None:
    """Change the table, unless that was done before: an event may come twice."""
    if version_of(database) < number:
        for statement in changes[number - 1].split(";"):
            database.execute(statement)
        database.execute(f"pragma user_version = {number}")


def _write(database: sqlite3.Connection, event: Row) -> None:
    if event["type"] == "order":
        row = inside(event, version_of(database))
        values = ", ".join(f":{name}" for name in row)
        database.execute(f"insert or ignore into orders({', '.join(row)}) values ({values})", row)
    else:
        state = STATES[event["type"]]
        database.execute(
            "update orders set state = ? where order_id = ?", [state, event["order_id"]]
        )


def _row(database: sqlite3.Connection, order_id: str) -> Row:
    return _first(database.execute("select * from orders where order_id = ?", [order_id]))


def _first(cursor: sqlite3.Cursor) -> Row:
    names = [column[0] for column in cursor.description]
    row = cursor.fetchone()
    return {} if row is None else dict(zip(names, row, strict=True))


def _time(at: str) -> int:
    return milliseconds(datetime.fromisoformat(at))
