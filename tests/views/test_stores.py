import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from eventlab.errors import UsageError
from eventlab.views import Memory, SQLite
from eventlab.views.stores import Mark, same_kind
from tests.views.counts import SCHEMA, put, rows_of

MARK = Mark({"orders": {0: 5}}, {"orders": "id"}, 7)


def test_rows_and_mark_are_kept_together(opened, store):
    """What was shown is there for who goes on."""
    generation = opened.fresh(store)
    with generation.transaction() as writer:
        put(writer, "a", 1)
        generation.keep(MARK)
    opened.show(generation)
    generation.close()
    assert rows_of(opened) == {"a": 1}
    again = opened.kept(store)
    assert again.mark == MARK
    again.close()


def test_nothing_is_kept_of_what_was_never_shown(opened, store):
    """A generation that was not finished is no one's."""
    opened.fresh(store).close()
    assert opened.kept(store) is None


def test_a_rebuilt_one_takes_the_place_of_the_old(opened, store):
    """Until then readers see the old one, whole."""
    old = opened.fresh(store)
    opened.show(old)
    with old.transaction() as writer:
        put(writer, "a", 1)
    new = opened.fresh(store)
    with new.transaction() as writer:
        put(writer, "b", 2)
    assert rows_of(opened) == {"a": 1}
    opened.show(new)
    assert rows_of(opened) == {"b": 2}
    old.close()
    new.close()


def test_what_fails_in_a_transaction_is_rolled_back_or_spoils_it(opened, store, kind):
    """A database takes it back; a dict has it, and says so."""
    generation = opened.fresh(store)
    opened.show(generation)

    def fail():
        with generation.transaction() as writer:
            put(writer, "a", 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert rows_of(opened) == ({"a": 1} if kind == "memory" else {})
    assert generation.is_spoilt == (kind == "memory")
    generation.close()


def test_many_threads_read_while_one_writes(opened, store):
    """Each sees whole transactions: two rows are written together, always."""
    generation = opened.fresh(store)
    opened.show(generation)
    begin = Barrier(4)

    def read():
        begin.wait()
        return {len(rows_of(opened)) % 2 for _ in range(200)}

    with ThreadPoolExecutor(3) as threads:
        reading = [threads.submit(read) for _ in range(3)]
        begin.wait()
        for n in range(200):
            with generation.transaction() as writer:
                put(writer, f"{n} a", n)
                put(writer, f"{n} b", n)
    assert {odd for one in reading for odd in one.result()} == {0}
    generation.close()


def test_a_store_goes_to_another_process(store):
    """It is what it says, and holds nothing open."""
    assert pickle.loads(pickle.dumps(store)) == store


def test_a_schema_is_tried_before_anything_is_made(durable, tmp_path):
    """Nothing of it stays."""
    durable.check()
    durable.check()
    Memory().check()
    with pytest.raises(UsageError, match="does not take the view's schema"):
        replace(durable, schema="create tabel x").check()
    assert list(tmp_path.iterdir()) == []


def test_a_view_stays_in_its_kind_of_store(opened, kind):
    """Its rows cannot be compared with those of another."""
    other = SQLite(SCHEMA) if kind == "memory" else Memory()
    with pytest.raises(UsageError, match="stays in its kind of store"):
        opened.fresh(other)
    assert same_kind(other, type(other)) is other


@pytest.mark.processes
def test_nobody_imports_more_than_they_need():
    """A service that serves a view needs no pandas, and a lab no views before one is asked for."""
    program = (
        "import sys\n"
        "from eventlab.views import duck, postgres, serving, sqlite\n"
        "heavy = {'pandas', 'IPython', 'altair', 'bytewax', 'psycopg', 'duckdb'}\n"
        "print(heavy & set(sys.modules))"
    )
    assert printed(program) == "set()\n"
    lab = "import sys\nfrom eventlab import Lab\nprint('eventlab.views' in sys.modules)"
    assert printed(lab) == "False\n"


def printed(program):
    """Return what a program prints."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8")
    return done.stdout + done.stderr
