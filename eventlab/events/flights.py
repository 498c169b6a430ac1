"""Two days of real departures from New York, 7 and 8 March 2013, when a storm passed.

What is real: every flight's schedule, and by how much its departure was delayed. What is our model:
that each departure is reported to the log in the minute in which it happens.
"""

import csv
import gzip
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from msgspec.structs import replace

from eventlab.checked import checked
from eventlab.errors import UsageError
from eventlab.events.contracts import Flight
from eventlab.events.datasets import read_dataset
from eventlab.events.delivery import Delivery
from eventlab.events.faults import Fault
from eventlab.events.holding import Note

EXTRACT = "flights_2013-03-07_08.csv.gz"


def two_days_of_flights() -> list[Flight]:
    """Return the flights in order of their schedule, which is each event's own time.

    The days are those of New York: from 05:00 UTC on the 7th to 05:00 UTC on the 9th. A cancelled
    flight has no `departed_at`. Raises SetupError when the data are missing or damaged.
    """
    lines = gzip.decompress(read_dataset(EXTRACT)).decode().splitlines()
    return [_flight(row) for row in csv.DictReader(lines)]


@checked
def delayed(flights: Iterable[Flight | Delivery]) -> Fault:
    """Let each flight arrive when its plane departed; some left early, a cancelled one never does.

    The record adds `arrives_at` and `delay` (both None for a cancelled flight) of every flight that
    did not leave on time. Reads all flights before the first arrives, since early departures come
    before their schedule. Raises UsageError for events that are no flights.
    """
    return Fault(flights, _departures)


def _departures(incoming: Iterator[Delivery], note: Note) -> Iterator[Delivery]:
    departures = []
    for delivery in incoming:
        departed_at = _flight_of(delivery).departed_at
        if departed_at != delivery.at:
            delay = departed_at and departed_at - delivery.at
            note(delivery, {"arrives_at": departed_at, "delay": delay})
        if departed_at is not None:
            departures.append(replace(delivery, arrives_at=departed_at))
    yield from sorted(departures, key=lambda delivery: delivery.arrives_at)


def _flight_of(delivery: Delivery) -> Flight:
    if isinstance(delivery.event, Flight):
        return delivery.event
    raise UsageError(
        "only flights depart",
        expected="events of the contract Flight",
        found=type(delivery.event).__name__,
        remedy="For other events, use late().",
    )


def _flight(row: dict[str, str]) -> Flight:
    scheduled_at = datetime.fromisoformat(row["scheduled_at"])
    delay = int(row["delay_minutes"]) if row["delay_minutes"] else None
    return Flight(
        f"{row['carrier']}{row['flight_number']}-{row['origin']}-{scheduled_at:%Y%m%dT%H%M}",
        scheduled_at,
        row["carrier"],
        int(row["flight_number"]),
        row["origin"],
        row["destination"],
        None if delay is None else scheduled_at + timedelta(minutes=delay),
        delay,
    )
