import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from eventlab.errors import StorageError, UsageError, ViewError
from eventlab.views import SQLite, View
from tests.views.counts import (
    FOLDS,
    SQL,
    counted,
    counting,
    filled,
    into_dict,
    into_sql,
    oracle,
    suited,
)
from tests.waiting import until

pytestmark = pytest.mark.broker


def test_readers_never_see_a_half_one(new_topic, view_of):
    """They read all the while, and find every event that was there, and those that come."""
    topic = filled(new_topic(2), 400)
    view = view_of(topic, batch=20).start()
    view.wait_for(view.end())
    sums, is_over = [], threading.Event()

    def read():
        while not is_over.is_set():
            sums.append(sum(n for n, _ in counted(view).values()))

    reading = threading.Thread(target=read)
    reading.start()
    try:
        for more in range(3):
            rebuilding = view.rebuild()
            filled(topic, 100, 400 + 100 * more)
            assert rebuilding.wait() is view
            assert rebuilding.is_done
    finally:
        is_over.set()
        reading.join()
    view.wait_for(view.end())
    assert sums == sorted(sums)
    assert min(sums) >= 400
    assert counted(view) == oracle(topic)


def test_another_fold_and_other_tables(new_topic, name, kept):
    """The new rows have them, and the view goes on with both."""
    topic = filled(new_topic(), 50)
    view = kept(View(name, into_sql, of=topic, store=SQL)).start()
    view.wait_for(50)

    def largest(rows, event):
        rows.execute("update most set cents = max(cents, ?)", [event["cents"]])

    store = SQLite("create table most(cents); insert into most values (0)")
    view.rebuild(largest, store).wait()
    filled(topic, 10, 50)
    view.wait_for(60)
    assert view.read(lambda rows: rows.execute("select * from most")) == [(12,)]
    view.stop()
    again = kept(View(name, largest, of=topic, store=store, keep=True)).start()
    assert again.wait_for(60).position == {0: 60}


def test_what_its_fold_raises_leaves_the_old_rows(new_topic, view_of, store):
    """They are read, and go on."""
    topic = filled(new_topic(), 30)
    view = view_of(topic).start()
    view.wait_for(30)

    def fragile(rows, event, place):
        if place.offset == 17:
            event["no such field"]

    rebuilding = view.rebuild(suited(store, fragile))
    with pytest.raises(ViewError, match="partition 0, offset 17"):
        rebuilding.wait()
    assert isinstance(rebuilding.error, ViewError)
    filled(topic, 5, 30)
    view.wait_for(35)
    assert counted(view) == oracle(topic)


def test_it_is_the_way_out_for_a_view_that_has_stopped(new_topic, name, kept):
    """With a mended fold it takes its place, from the first record on."""
    topic = filled(new_topic(), 2000)
    fragile = View(name, lambda rows, event: event["no such field"], of=topic, batch=10)
    view = kept(fragile).start()
    until(lambda: view.error is not None)
    assert view.rebuild(into_dict).wait().position == {0: 2000}
    assert (view.error, view.is_alive) == (None, True)
    assert counted(view) == oracle(topic)


def test_stopped_it_leaves_the_old_rows(new_topic, view_of, store):
    """A view that is stopped stops it too."""
    topic = filled(new_topic(), 30)
    view = view_of(topic).start()
    view.wait_for(30)
    go_on = threading.Event()
    began = threading.Event()

    def slow(rows, event, place):
        began.set()
        go_on.wait(60)

    rebuilding = view.rebuild(suited(store, slow))
    began.wait(60)
    threading.Timer(0, go_on.set).start()
    view.stop()
    assert not view.is_alive
    if not rebuilding.is_done:
        with pytest.raises(ViewError, match="is not rebuilt"):
            rebuilding.wait()
        assert counted(view) == oracle(topic)


def test_another_kind_of_store_is_refused(new_topic, view_of, kind):
    """And the view goes on."""
    view = view_of(filled(new_topic(), 3)).start()
    with pytest.raises(UsageError, match="stays in its kind of store"):
        view.rebuild(
            store=SQL if kind == "memory" else View(*("v", print), of=view.topics[0]).store
        )
    assert view.wait_for(3).is_alive


def test_begun_beside_a_new_one_it_takes_its_place(new_topic, view_of):
    """A view that was never started is built by both, and what is shown is there."""
    topic = filled(new_topic(), 3000)
    view = view_of(topic)
    rebuilding = view.rebuild()
    view.start()
    rebuilding.wait()
    view.wait_for(3000)
    assert counted(view) == oracle(topic)


def test_many_threads_may_ask_for_one(new_topic, view_of):
    """One after the other; the last one takes the view's place."""
    topic = filled(new_topic(), 500)
    view = view_of(topic, batch=20).start()
    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(do) for do in (view.rebuild, view.start) * 4]
    assert [one.exception() for one in asked] == [None] * 8
    view.rebuild().wait()
    view.wait_for(500)
    assert counted(view) == oracle(topic)


def test_one_that_fails_leaves_a_view_that_rests_free(new_topic, name, kept, durable):
    """Another one may write to its store."""
    topic = filled(new_topic(), 3)
    view = kept(View(name, FOLDS[type(durable)], of=topic, store=durable))

    def fail(event, place):
        raise ZeroDivisionError

    with pytest.raises(ViewError, match="ZeroDivisionError"):
        view.rebuild(counting(durable, fail)).wait()
    other = kept(View(name, FOLDS[type(durable)], of=topic, store=durable))
    until(lambda: is_begun(other))


def is_begun(view):
    """Tell whether a view could begin: a database may still have its last writer."""
    try:
        view.start()
    except StorageError:
        return False
    return True
