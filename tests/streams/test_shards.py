import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow
from hypothesis import given
from hypothesis import strategies as st

from eventlab.streams import TopicSource
from eventlab.streams.shards import NEVER, SHARDS, StreamTimes, deal, partitions_of, shard_of
from tests.streams.histories import NOON, arrivals, histories


@given(histories)
def test_each_key_has_one_shard_and_each_shard_hears_of_every_partition(history):
    """Nothing is lost, and the order of a key stays."""
    batch = [(arrival.key, arrival) for arrival in arrivals(history)]
    dealt = dict(deal(batch))
    assert set(dealt) == {str(number) for number in range(SHARDS)}
    for key in "abc":
        mine = [pair for pair in batch if pair[0] == key]
        assert [pair for pair in dealt[shard_of(key)][0] if pair[0] == key] == mine
    newest = {}
    for _, arrival in batch:
        place = arrival.topic, arrival.partition
        newest[place] = max(newest.get(place, NEVER), arrival.time)
    assert all(times == newest for _, times in dealt.values())


def test_the_time_that_all_have_passed_is_that_of_the_slowest():
    """As long as one is silent there is none; it never goes back."""
    times = StreamTimes([("t", 0), ("t", 1)], {})
    assert not times.heed({("t", 0): NOON})
    assert times.passed == NEVER
    assert times.heed({("t", 1): NOON + 5})
    assert not times.heed({("t", 1): NOON + 1})
    assert (times.passed, times.times) == (NOON, {("t", 0): NOON, ("t", 1): NOON + 5})


@given(st.dictionaries(st.tuples(st.just("t"), st.integers(0, 3)), st.integers(0, 9)))
def test_times_that_were_kept_are_gone_on_with(times):
    """After a crash the same time is passed."""
    awaited = [("t", 0), ("t", 1)]
    fresh = StreamTimes(awaited, {})
    fresh.heed(times)
    assert StreamTimes(awaited, times).passed == fresh.passed


@pytest.mark.broker
def test_the_partitions_of_a_stream_are_those_of_its_topics(new_topic):
    """However many steps lie between, and not those of another stream."""
    one, two = new_topic(2), new_topic(1)
    made = Dataflow("flow")
    first = op.map("same", op.input("one", made, TopicSource(one)), lambda item: item)
    op.input("two", made, TopicSource(two))
    assert partitions_of(first) == {(one.name, 0), (one.name, 1)}
