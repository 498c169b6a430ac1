"""Stream processing beside the log: bytewax's flows on Kafka's topics, in the background."""

from eventlab.streams.arrivals import Arrival
from eventlab.streams.running import Running
from eventlab.streams.sink import TopicSink
from eventlab.streams.source import TopicSource

__all__ = ["Arrival", "Running", "TopicSink", "TopicSource"]
