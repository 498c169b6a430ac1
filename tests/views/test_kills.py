"""A view is killed at random moments, and its rows are those of every event, once."""

import json
import signal
import subprocess
import sys
from random import Random

import pytest

from eventlab.errors import StorageError
from eventlab.log import read
from eventlab.views import SQLite, SQLiteRows, View
from tests.views.counts import SCHEMA, counted, filled, into_sql, oracle
from tests.waiting import until

pytestmark = pytest.mark.broker

FEW, MANY = 4, 50
EACH = 3_000  # records between two deaths
STORE = SQLite(f"{SCHEMA}; create table applied(partition, offset)")

PROGRAM = """
import json, sys
from eventlab.log import Cluster, Topic
from tests.views.test_kills import made
given = json.loads(sys.argv[1])
view = made(given["name"], Topic(Cluster(given["settings"]), given["topic"])).start()
sys.stdin.read()
"""


def noted(rows, event, place):
    """Count an event, and take note that it was applied."""
    into_sql(rows, event, place)
    rows.execute("insert into applied values (?, ?)", [place.partition, place.offset])


def made(name, topic) -> View:
    """Return the view that is killed; its batches are small, so that there are many moments."""
    return View(name, noted, of=topic, store=STORE, keep=True, batch=23)


def reached(rows: SQLiteRows) -> int:
    """Return how many records are in the rows, 0 while there are none."""
    try:
        return sum(rows.position.values())
    except StorageError:
        return 0


def killed_at_random(topic, name, kills) -> None:
    """Let it be started and killed so often, while its topic grows; then compare what it has."""
    chance = Random(kills)
    view = made(name, topic)
    rows = SQLiteRows(view.folder)
    given = json.dumps(
        {"name": name, "topic": topic.name, "settings": dict(topic.cluster.settings)}
    )
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
        applied = view.sql("select * from applied order by partition, offset")
    there = read(topic).events
    assert applied.values.tolist() == there[["partition", "offset"]].values.tolist()


def test_a_few_kills_cost_nothing(new_topic, name):
    """Each event is in the rows once, and none is missing, by the topic itself."""
    killed_at_random(new_topic(3), name, FEW)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_fifty_kills_cost_nothing(new_topic, name):
    """The same, fifty times."""
    killed_at_random(new_topic(3), name, MANY)
