"""The spans that pictures of services keep."""

import msgspec
import pytest

from eventlab.log import Batch
from eventlab.pictures.span_store import SpanStore
from eventlab.services.span import Publication
from tests.services.made_spans import Made


class Message:
    """A record of the topic of spans, as far as a batch needs it."""

    def __init__(self, spans, offset: int = 0) -> None:
        self._value = msgspec.json.encode(spans)
        self._offset = offset

    def value(self) -> bytes:
        """Return its value."""
        return self._value

    def key(self) -> None:
        """Return no key."""

    def partition(self) -> int:
        """Return a partition."""
        return 0

    def offset(self) -> int:
        """Return its place in the partition."""
        return self._offset

    def timestamp(self) -> tuple[int, int]:
        """Return a time."""
        return 1, 1_700_000_000_000


def batch(*records, first: int = 0) -> Batch:
    """Return records that hold these, the first of them at this offset."""
    return Batch([Message(record, first + number) for number, record in enumerate(records)])


def made(*starts: int) -> list:
    """Return spans that begin then, in microseconds."""
    spans = Made()
    return [spans.add("shop", "server", start) for start in starts]


def test_what_comes_is_kept_up_to_a_limit():
    """The newest of them, each record's list in turn; and one sees that something has come."""
    store = SpanStore(3)
    spans = made(1, 2, 3, 4)
    store.add(batch(spans[:2], spans[2:]))
    assert list(store.newest()["start_us"]) == [2, 3, 4]
    assert store.version == 1


def test_what_was_published_within_a_span_is_kept_as_a_span():
    """It counts, and is there once."""
    (span,) = made(1)
    span.published = [Publication("p1", "orders", "o-1", 2), Publication("p2", "orders", "o-1", 3)]
    store = SpanStore(2)
    store.add(batch([span]))
    assert list(store.newest()["span_id"]) == ["p1", "p2"]
    roomy = SpanStore(100)
    roomy.add(batch([span]))
    assert list(roomy.newest()["start_us"]) == [1, 2, 3]
    assert len(roomy._spans) == 3


def test_a_topic_that_was_made_anew_is_another_story():
    """What was played again is not to stand beside what was there before."""
    store = SpanStore(100)
    spans = made(1, 2, 3, 4)
    store.add(batch(spans[:1], spans[1:2]))
    store.add(batch(spans[2:3], first=2))
    assert list(store.newest()["start_us"]) == [1, 2, 3]
    store.add(batch(spans[3:]))
    assert list(store.newest()["start_us"]) == [4]


def test_a_window_ends_with_the_newest_span():
    """So a story of long ago has one too."""
    store = SpanStore(100)
    store.add(batch(made(1_000_000, 5_000_000, 9_000_000)))
    assert list(store.newest(4.5)["start_us"]) == [5_000_000, 9_000_000]
    assert len(store.newest()) == 3
    assert len(SpanStore(1).newest(1.0)) == 0


def test_what_holds_no_spans_is_refused():
    """Whoever draws says so under the picture."""
    with pytest.raises(msgspec.ValidationError):
        SpanStore(1).add(batch([{"a": 1}]))
