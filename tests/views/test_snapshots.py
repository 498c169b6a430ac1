import pickle
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from eventlab.errors import StorageError, ViewError
from eventlab.views import Postgres, View, snapshots
from tests.views.counts import FOLDS, NOON, counted, filled, oracle
from tests.waiting import until

pytestmark = pytest.mark.broker


def test_it_stays_as_it_is(new_topic, view_of):
    """While the view, and the topic, go on."""
    topic = filled(new_topic(), 20)
    view = view_of(topic).start()
    then = view.as_of(20)
    filled(topic, 20, 20)
    view.wait_for(40)
    assert counted(then) == oracle(topic, end=20)
    assert counted(view) == oracle(topic)


def test_closed_it_leaves_nothing(new_topic, name, kept):
    """No file of it stays; the second time it does nothing."""
    from tests.views.counts import SQL, into_sql

    view = kept(View(name, into_sql, of=filled(new_topic(), 20), store=SQL))
    with view.as_of(10) as then:
        folder = then._reader.folder
        assert folder.exists()
    then.close()
    assert not folder.exists()
    with pytest.raises(StorageError, match="has not been built"):
        counted(then)


def test_what_the_fold_raises_is_told(new_topic, name):
    """As by the view itself."""
    view = View(name, lambda rows, event: event["no such field"], of=filled(new_topic(), 3))
    with pytest.raises(ViewError, match="partition 0, offset 0"):
        view.as_of(2)


def test_its_position_is_where_its_rows_end(new_topic, view_of):
    """As of a moment that is before the first record that is left out of each partition."""
    topic = filled(new_topic(2), 40)
    then = datetime.fromtimestamp(NOON / 1000, UTC) + timedelta(seconds=17)
    with view_of(topic).as_of(then) as snapshot:
        assert sum(snapshot.position.values()) == 17
        assert counted(snapshot) == oracle(topic, end=snapshot.position)


LIFE = """
import os, pickle, signal, sys
view = pickle.loads(bytes.fromhex(sys.argv[1]))
kept = view.as_of(5)
print(kept._open.reader.folder if hasattr(kept._open.reader, "folder") else kept._folder.name)
sys.stdout.flush()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_has_left_is_deleted_by_the_next_one(
    new_topic, name, kept, store, tmp_path, monkeypatch
):
    """And what another one still has is not."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setattr(snapshots, "_NEW_SECONDS", -1.0)
    topic = filled(new_topic(), 5)
    view = kept(View(name, FOLDS[type(store)], of=topic, store=store))
    given = pickle.dumps(view).hex()
    done = subprocess.run([sys.executable, "-c", LIFE, given], capture_output=True, timeout=60)
    left = Path(done.stdout.decode().strip())
    assert left.exists()
    with view.as_of(5) as then, view.as_of(3) as other:
        assert not left.exists()
        assert (counted(then), counted(other)) == (oracle(topic), oracle(topic, end=3))


@pytest.mark.database
def test_what_a_killed_process_has_left_in_a_database_is_dropped(
    new_topic, name, kept, in_postgres, database
):
    """When the server has noticed that it is gone."""
    topic = filled(new_topic(), 5)
    view = kept(View(name, FOLDS[Postgres], of=topic, store=in_postgres))
    given = pickle.dumps(view).hex()
    done = subprocess.run([sys.executable, "-c", LIFE, given], capture_output=True, timeout=60)
    left = Path(done.stdout.decode().strip()).name
    schemas = "select nspname from pg_namespace where nspname like %s"
    assert not database.sql(schemas, [f"{left}.%"]).empty

    def is_swept():
        view.start().stop()
        return database.sql(schemas, [f"{left}.%"]).empty

    with view.as_of(3) as then:
        until(is_swept)
        assert counted(then) == oracle(topic, end=3)
