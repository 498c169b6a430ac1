import pytest

from eventlab.errors import StorageError, TopicError
from eventlab.views.folding import Folding
from eventlab.views.following import Following
from tests.views.counts import SQL, counted, filled, into_sql, oracle

pytestmark = pytest.mark.broker


@pytest.fixture
def following_of(tmp_path):
    """Return what makes one over SQLite, and ends with the test."""
    made = []

    def make(topic) -> Following:
        made.append(Following("sold", [topic], SQL, tmp_path / "sold", 10))
        return made[-1]

    yield make
    for following in made:
        following.stop()


def begun(following, topic, keep=False) -> Following:
    """Begin it with the counts."""
    following.begin({topic: Folding(into_sql)}, SQL, keep=keep)
    return following


def test_it_begins_and_ends_and_goes_on(new_topic, following_of):
    """Its progress says so, and the store is free between."""
    topic = filled(new_topic(), 30)
    following = following_of(topic)
    assert (following.has_begun, following.is_alive, following.newest) == (False, False, -1)
    begun(following, topic)
    assert following.progress.wait({topic.name: {0: 30}}, 30)
    following.stop()
    other = begun(following_of(topic), topic, keep=True)
    assert other.progress.wait({topic.name: {0: 30}}, 30)
    with pytest.raises(StorageError, match="written by somebody else"):
        begun(following, topic)
    assert counted(following.reader) == oracle(topic)


def test_what_cannot_begin_leaves_the_store_free(new_topic, following_of):
    """Nothing of it is locked."""
    topic = new_topic()
    topic.delete()
    following = following_of(topic)
    with pytest.raises(TopicError):
        begun(following, topic)
    following_of(topic).reserve()


def test_another_generation_takes_its_place(new_topic, following_of):
    """When what came meanwhile is in it too."""
    topic = filled(new_topic(), 30)
    following = begun(following_of(topic), topic)
    beside = following.beside({topic: Folding(into_sql)}, SQL)
    filled(topic, 30, 30)
    following.progress.wait({topic.name: {0: 60}}, 30)
    following.give_way_to(beside)
    assert following.is_alive
    assert following.progress.position == {topic.name: {0: 60}}
    assert counted(following.reader) == oracle(topic)
