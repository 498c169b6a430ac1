import pytest

from eventlab.errors import SqlError
from eventlab.log import produce
from eventlab.sql.engine import Engine

pytestmark = pytest.mark.broker


@pytest.fixture
def engine(cluster, new_topic):
    """An engine that knows one topic, with six records in it."""
    topic = new_topic()
    produce(topic, [(f"k{number}", {"n": number}) for number in range(6)])
    engine = Engine({"orders": topic, "empty": new_topic()}.__getitem__)
    yield engine
    engine.close()


def keys(engine, statement, number):
    """Return the keys of so many records that are printed."""
    (push,) = engine.execute(statement)
    assert push.wait(number)
    return [key for _, key, _, _ in push.rows]


def test_records_come_from_the_beginning_until_the_limit(engine):
    """In text, with time and partition."""
    assert keys(engine, "PRINT orders FROM BEGINNING LIMIT 2;", 2) == ["k0", "k1"]
    (push,) = engine.execute("PRINT orders FROM BEGINNING LIMIT 1;")
    assert push.wait(1)
    assert push.rows[0][2:] == ('{"n":0}', 0)


def test_only_every_so_many_come(engine):
    """The first among them."""
    assert keys(engine, "PRINT orders FROM BEGINNING INTERVAL 3 LIMIT 2;", 2) == ["k0", "k3"]


def test_a_topic_that_is_not_there_is_named(engine):
    """At once."""
    engine.topic("empty").delete()
    with pytest.raises(SqlError, match="There is no topic empty") as caught:
        engine.execute("PRINT empty;")
    assert caught.value.position == (1, 7)
    assert "SHOW TOPICS" in caught.value.remedy
