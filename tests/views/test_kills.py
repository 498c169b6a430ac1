"""A view is killed at random moments, and its rows are those of every event, once."""

import pickle
import signal
import sqlite3
import subprocess
import sys
from random import Random

import pytest

from eventlab.errors import StorageError
from eventlab.log import read
from eventlab.views import Postgres, PostgresRows, SQLite, SQLiteRows, View
from tests.views.counts import FOLDS, SCHEMA, counted, filled, oracle
from tests.waiting import until

pytestmark = pytest.mark.broker

FEW, MANY = 4, 50
EACH = 3_000  # records between two deaths
ALSO = f'{SCHEMA}; create table applied(partition integer, "offset" integer)'

PROGRAM = """
import pickle, sys
pickle.loads(bytes.fromhex(sys.argv[1])).start()
sys.stdin.read()
"""


def noted(rows, event, place):
    """Count an event, and take note that it was applied."""
    in_sqlite = isinstance(rows, sqlite3.Cursor)
    FOLDS[SQLite if in_sqlite else Postgres](rows, event, place)
    places = "?, ?" if in_sqlite else "%s, %s"
    rows.execute(f"insert into applied values ({places})", [place.partition, place.offset])


def made(store, name, topic) -> View:
    """Return the view that is killed; its batches are small, so that there are many moments."""
    return View(name, noted, of=topic, store=store, keep=True, batch=23)


def reached(rows: SQLiteRows | PostgresRows) -> int:
    """Return how many records are in the rows, 0 while there are none."""
    try:
        return sum(rows.position.values())
    except StorageError:
        return 0


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.database)])
def kept_store(request):
    """Return each store that outlives its process."""
    if request.param == "sqlite":
        return SQLite(ALSO)
    return Postgres(request.getfixturevalue("database").url, ALSO)


def killed_at_random(store, topic, name, kills) -> None:
    """Let it be started and killed so often, while its topic grows; then compare what it has."""
    chance = Random(kills)
    view = made(store, name, topic)
    rows = view._reader
    given = pickle.dumps(view).hex()
    for number in range(kills):
        filled(topic, EACH, EACH * number)
        life = subprocess.Popen([sys.executable, "-c", PROGRAM, given], stdin=subprocess.PIPE)
        goal = chance.randint(0, EACH * (number + 1))
        until(lambda goal=goal: reached(rows) >= goal)
        life.send_signal(signal.SIGKILL)
        life.communicate()
    with view.start():
        view.wait_for(view.end(), 60)
        assert counted(view) == oracle(topic)
        applied = view.sql('select * from applied order by partition, "offset"')
    there = read(topic).events
    assert applied.values.tolist() == there[["partition", "offset"]].values.tolist()


def test_a_few_kills_cost_nothing(new_topic, name, kept_store):
    """Each event is in the rows once, and none is missing, by the topic itself."""
    killed_at_random(kept_store, new_topic(3), name, FEW)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_fifty_kills_cost_nothing(new_topic, name, kept_store):
    """The same, fifty times."""
    killed_at_random(kept_store, new_topic(3), name, MANY)
