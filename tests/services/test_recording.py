"""What a service process records, as far as one can see it without a service."""

import pytest

from eventlab.services import read_spans
from eventlab.services.recording import Recording, SpanTopic
from tests.services import apps


def test_without_a_topic_nothing_is_traced():
    """There is no tracer, and an app stays what it is."""
    recording = Recording("shop", None)
    assert recording.tracer is None
    assert recording.traced(apps.hello) is apps.hello
    recording.stop()


@pytest.mark.broker
def test_what_was_recorded_is_written_at_the_end(new_topic):
    """Twice is no more."""
    topic = new_topic()
    recording = Recording("shop", SpanTopic(topic.name, topic.cluster.settings))
    assert recording.traced(apps.hello) is not apps.hello
    with recording.tracer.producing("orders", "o-1"):
        pass
    recording.stop()
    recording.stop()
    spans = read_spans(topic)
    assert list(zip(spans["service"], spans["key"], strict=True)) == [("shop", "o-1")]


def test_an_end_without_a_log_is_no_error():
    """What could not be written is lost, and nobody waits for it."""
    recording = Recording("shop", SpanTopic("spans", {"bootstrap.servers": "127.0.0.1:1"}))
    with recording.tracer.producing("orders"):
        pass
    recording.stop()
    assert recording._sink.dropped == 1
