import csv
import gzip
import runpy
import zipfile

import pytest

from eventlab.events.datasets import FOLDER, read_dataset

SCRIPT = runpy.run_path(str(FOLDER / "cut_flights.py"))
TABLE = """\
year,month,day,dep_time,sched_dep_time,dep_delay,carrier,flight,origin,dest
2013,3,8,2400,2359,1,B6,727,JFK,BQN
2013,3,7,510,515,-5.0,UA,1545,EWR,IAH
2013,3,8,NA,1745,NA,DL,2155,LGA,PWM
2013,3,9,600,600,0,DL,2155,LGA,PWM
2013,4,7,600,600,0,DL,2155,LGA,PWM
"""
EXTRACT = """\
scheduled_at,carrier,flight_number,origin,destination,delay_minutes
2013-03-07T10:15Z,UA,1545,EWR,IAH,-5
2013-03-08T22:45Z,DL,2155,LGA,PWM,
2013-03-09T04:59Z,B6,727,JFK,BQN,1
"""


@pytest.fixture
def table(tmp_path):
    with zipfile.ZipFile(tmp_path / "flights.csv.zip", "w") as archive:
        archive.writestr("flights.csv", TABLE)
    return tmp_path / "flights.csv.zip"


def test_the_two_days_are_cut_in_order_of_schedule_in_utc(table):
    """Other days are left out, local times become UTC, cancelled flights have no delay."""
    packed = SCRIPT["pack"](SCRIPT["cut"](SCRIPT["rows_of"](table)))
    assert gzip.decompress(packed).decode() == EXTRACT


def test_the_same_rows_give_the_same_bytes():
    """No time and no file name is in the header of gzip."""
    first, second = (SCRIPT["pack"]([("a", 1)]) for _ in range(2))
    assert first == second
    assert first[3:9] == bytes(5) + b"\x02"


def test_summer_time_is_an_hour_nearer_to_utc():
    """The conversion knows New York's clocks, not a fixed number of hours."""
    row = {"year": "2013", "month": "3", "day": "11", "sched_dep_time": "515"}
    assert SCRIPT["scheduled_at"](row).hour == 9


def test_the_extract_is_what_the_script_would_write():
    """Cut and packed again, the rows of the committed extract give the same rows."""
    lines = gzip.decompress(read_dataset(SCRIPT["EXTRACT"].name)).decode().splitlines()
    header, *rows = csv.reader(lines)
    assert tuple(header) == SCRIPT["COLUMNS"]
    assert gzip.decompress(SCRIPT["pack"](rows)).decode().splitlines() == lines
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)


def test_without_the_package_the_script_says_what_it_needs(monkeypatch):
    """Neither installed nor named, the table is asked for in one line."""
    monkeypatch.setitem(SCRIPT["main"].__globals__, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match=r"name its flights\.csv\.zip"):
        SCRIPT["main"]([])
