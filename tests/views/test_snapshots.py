from datetime import UTC, datetime, timedelta

import pytest

from eventlab.errors import StorageError, ViewError
from eventlab.views import View
from tests.views.counts import NOON, counted, filled, oracle

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
