"""Records as they are on the wire, each with its place."""

import threading
from contextlib import suppress

import pytest

from eventlab.log import Record, produce
from eventlab.log.window_keys import WindowKey
from eventlab.streams.raw_source import RawSource
from tests.waiting import until

pytestmark = pytest.mark.broker


def whole(topic, **options):
    """Return all that is in the one partition of a topic."""
    part = RawSource(topic, bounded=True, **options).build_part("in", "0", None)
    came = []
    with suppress(StopIteration):
        until(lambda: came.extend(part.next_batch()))
    part.snapshot()
    part.close()
    return came


def test_an_event_is_key_and_value_in_bytes(new_topic):
    """None where there is none; whatever the bytes mean."""
    topic = new_topic()
    records = [
        Record(b"\x00\x01", b"no json", 5000),
        Record(None, b"{}", 4000),
        Record("k", None, 6000),
    ]
    produce(topic, records).require_all()
    came = whole(topic)
    assert [one.event for one in came] == [(b"\x00\x01", b"no json"), (None, b"{}"), (b"k", None)]
    assert [one.offset for one in came] == [0, 1, 2]
    assert [one.time for one in came] == [5000, 4000, 6000]
    assert [one.stream_time for one in came] == [5000, 5000, 6000]


def test_headers_come_along(new_topic):
    """As they were written."""
    topic = new_topic()
    produce(topic, [Record("k", b"v", 1000, [("from", b"ann")])]).require_all()
    assert whole(topic)[0].headers == (("from", b"ann"),)


def test_the_window_of_a_key_is_apart_from_it_where_that_is_asked(new_topic):
    """Else the key is what it is; one without a window stays in any case."""
    topic = new_topic()
    key = str(WindowKey("ann", 1000, 2000))
    produce(topic, [Record(key, b"v", 1500), Record("bob", b"v", 1500)]).require_all()
    assert [(one.event[0], one.window) for one in whole(topic, has_windows=True)] == [
        (b"ann", (1000, 2000)),
        (b"bob", None),
    ]
    assert [one.event[0] for one in whole(topic)] == [key.encode(), b"bob"]


def test_nothing_is_read_while_it_is_paused(new_topic):
    """Then it goes on where it was."""
    topic, pausing = new_topic(), threading.Event()
    produce(topic, [Record("k", b"v", 1000)]).require_all()
    part = RawSource(topic, bounded=True, is_paused=pausing.is_set).build_part("in", "0", None)
    pausing.set()
    assert part.next_batch() == []
    pausing.clear()
    assert [one.offset for one in until(part.next_batch)] == [0]
    part.close()
