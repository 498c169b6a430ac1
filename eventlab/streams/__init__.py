"""Stream processing beside the log: bytewax's flows on Kafka's topics, in the background."""

from eventlab.streams.arrivals import Arrival
from eventlab.streams.clocks import arrival_clock, event_clock
from eventlab.streams.enriching import join_table
from eventlab.streams.launching import run
from eventlab.streams.recovery import prepare_store
from eventlab.streams.results import Joined, Late, Window
from eventlab.streams.running import Running
from eventlab.streams.sink import TopicSink
from eventlab.streams.source import TopicSource
from eventlab.streams.stream_joins import Joins, join_streams
from eventlab.streams.table_joins import join_tables, join_tables_by
from eventlab.streams.tables import Table, table_at
from eventlab.streams.watermarks import watermark_clock, watermarked
from eventlab.streams.windowing import Windowed, windowed
from eventlab.streams.windows import Fold, Hopping, Session, Sliding, Tumbling

__all__ = [
    "Arrival",
    "Fold",
    "Hopping",
    "Joined",
    "Joins",
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
    "join_streams",
    "join_table",
    "join_tables",
    "join_tables_by",
    "prepare_store",
    "run",
    "table_at",
    "watermark_clock",
    "watermarked",
    "windowed",
]
