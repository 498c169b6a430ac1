import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.log import Record, produce
from eventlab.log.window_keys import WindowKey, window_key

NOON = 1_741_003_200_000
moments = st.integers(-(10**15), 10**15)


@given(st.text(), moments, moments)
def test_what_is_written_is_read_again(key, start, end):
    """Any key, with its own signs; any time."""
    named = WindowKey(key, start, end)
    assert window_key(str(named)) == named


@given(st.one_of(st.none(), st.text()))
def test_another_key_names_no_window(text):
    """A key is not taken for what it is not."""
    named = window_key(text)
    assert named is None or str(named) == text


def test_it_can_be_read_by_people():
    """An interval of ISO 8601 behind the key."""
    named = WindowKey("LHR", NOON, NOON + 3_600_000)
    assert str(named) == "LHR@2025-03-03T12:00:00.000Z/2025-03-03T13:00:00.000Z"
    for other in ("a@b", "a@2025-03-03T12:00:00.000Z", None, "a@2025-13-03T12:00:00.000Z/2ms"):
        assert window_key(other) is None


@pytest.mark.broker
def test_windows_of_a_key_share_the_partition_of_the_key(new_topic):
    """As Kafka Streams' WindowedStreamPartitioner sees to it."""
    topic = new_topic(5)
    for key in ("a", "LHR", "zürich"):
        report = produce(topic, [Record(key, b"1", NOON)])
        (partition,) = report.partitions
        assert WindowKey(key, 0, 1).partition(5) == partition
