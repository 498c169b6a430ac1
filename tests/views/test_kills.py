"""A view is killed at random moments, and its rows are those of every event, once."""

import pickle
import signal
import sqlite3
import subprocess
import sys
from random import Random

import pandas
import pytest

from eventlab.log import read
from eventlab.views import DuckDB, Postgres, SQLite, View, in_batches
from tests.views.counts import FOLDS, SCHEMA, counted, filled, oracle

pytestmark = pytest.mark.broker

FEW, MANY = 3, 50
EACH = 1_000  # records between two deaths
ALSO = f'{SCHEMA}; create table applied(partition integer, "offset" integer)'

# It kills itself, since of a file of DuckDB nobody else can tell how far it is. The thread that
# builds the view may be anywhere by then.
PROGRAM = """
import os, pickle, signal, sys, time
view, goal = pickle.loads(bytes.fromhex(sys.argv[1]))
view.start()
while sum(view.position.values()) < goal:
    time.sleep(0.001)
os.kill(os.getpid(), signal.SIGKILL)
"""


def noted(rows, event, place):
    """Count an event, and take note that it was applied."""
    in_sqlite = isinstance(rows, sqlite3.Cursor)
    FOLDS[SQLite if in_sqlite else Postgres](rows, event, place)
    places = "?, ?" if in_sqlite else "%s, %s"
    rows.execute(f"insert into applied values ({places})", [place.partition, place.offset])


@in_batches
def noted_together(rows, events, places):
    """Count events, and take note that they were applied."""
    FOLDS[DuckDB](rows, events, places)
    new = [(place.partition, place.offset) for place in places]
    rows.register("noted", pandas.DataFrame(new, columns=["partition", "offset"]))
    rows.execute("insert into applied select * from noted")


@pytest.fixture(
    params=["sqlite", "duckdb", pytest.param("postgres", marks=pytest.mark.database)],
)
def view(request, new_topic, name, kept):
    """Return a view in each store that outlives its process, with small batches: many moments."""
    if request.param == "postgres":
        store = Postgres(request.getfixturevalue("database").url, ALSO)
    else:
        store = {"sqlite": SQLite, "duckdb": DuckDB}[request.param](ALSO)
    fold = noted_together if store.takes_batches_only else noted
    return kept(View(name, fold, of=new_topic(3), store=store, keep=True, batch=23))


def killed_at_random(view, kills) -> None:
    """Let it be started and killed so often, while its topic grows; then compare what it has."""
    chance = Random(kills)
    (topic,) = view.topics
    for number in range(kills):
        filled(topic, EACH, EACH * number)
        given = pickle.dumps((view, chance.randint(0, EACH * (number + 1)))).hex()
        life = subprocess.run([sys.executable, "-c", PROGRAM, given], timeout=120)
        assert life.returncode == -signal.SIGKILL
    view.start().wait_for(view.end(), 120)
    assert counted(view) == oracle(topic)
    applied = view.sql('select * from applied order by partition, "offset"')
    there = read(topic).events
    assert applied.values.tolist() == there[["partition", "offset"]].values.tolist()


@pytest.mark.parametrize("view", ["sqlite"], indirect=True)
def test_a_few_kills_cost_nothing(view):
    """Each event is in the rows once, and none is missing, by the topic itself."""
    killed_at_random(view, FEW)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_fifty_kills_cost_nothing(view):
    """The same, fifty times, in each store."""
    killed_at_random(view, MANY)
