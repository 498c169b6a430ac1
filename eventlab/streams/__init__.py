"""Stream processing beside the log: bytewax's flows on Kafka's topics, in the background."""

from eventlab.streams.arrivals import Arrival
from eventlab.streams.clocks import arrival_clock, event_clock
from eventlab.streams.results import Late, Window
from eventlab.streams.running import Running
from eventlab.streams.sink import TopicSink
from eventlab.streams.source import TopicSource
from eventlab.streams.tables import Table, table_at
from eventlab.streams.windowing import Windowed, windowed
from eventlab.streams.windows import Fold, Hopping, Session, Sliding, Tumbling

__all__ = [
    "Arrival",
    "Fold",
    "Hopping",
    "Late",
    "Running",
    "Session",
    "Sliding",
    "Table",
    "TopicSink",
    "TopicSource",
    "Tumbling",
    "Window",
    "Windowed",
    "arrival_clock",
    "event_clock",
    "table_at",
    "windowed",
]
