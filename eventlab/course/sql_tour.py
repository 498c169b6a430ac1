"""What the tour of SQL needs beside SQL: a statement as curl takes it, and what a table came to."""

import json
import shlex
import time

from eventlab.lab import Lab

_LOOK_SECONDS = 0.1


def as_data(field: str, statement: str) -> str:
    """Return what stands behind curl's -d: JSON with the statement in a field, in quotes."""
    return shlex.quote(json.dumps({field: statement}))


def counted(lab: Lab, table: str, expected: int, timeout_seconds: float = 60.0) -> int:
    """Return the sum of a table's ORDERS, once it is `expected` or the time is up.

    The table is read as any program would: of each key the last record.
    """
    deadline = time.monotonic() + timeout_seconds
    while True:
        found = _sum(lab, table)
        if found == expected or time.monotonic() > deadline:
            return found
        time.sleep(_LOOK_SECONDS)


def _sum(lab: Lab, table: str) -> int:
    records = lab.read(table)
    if records.empty:
        return 0
    return int(records.groupby("key").ORDERS.last().sum())
