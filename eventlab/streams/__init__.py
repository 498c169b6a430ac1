"""Stream processing beside the log: operators, a source and a sink beside bytewax's own."""

from eventlab.streams.aggregates import TableFold, aggregate_table, suppressed
from eventlab.streams.arrivals import Arrival
from eventlab.streams.clocks import arrival_clock, event_clock
from eventlab.streams.enriching import join_table
from eventlab.streams.filtered_tables import filtered_table
from eventlab.streams.global_tables import GlobalTable, join_global_table
from eventlab.streams.results import Joined, Late, Row, Window
from eventlab.streams.sink import TopicSink
from eventlab.streams.sliding import Sliding
from eventlab.streams.source import TopicSource
from eventlab.streams.stream_aggregates import aggregated
from eventlab.streams.stream_joins import Joins, join_streams
from eventlab.streams.table_joins import join_tables, join_tables_by
from eventlab.streams.tables import Table, table_at
from eventlab.streams.watermarks import watermark_clock, watermarked
from eventlab.streams.windowing import Windowed, by_window, windowed
from eventlab.streams.windows import Fold, Hopping, Session, Tumbling

__all__ = [
    "Arrival",
    "Fold",
    "GlobalTable",
    "Hopping",
    "Joined",
    "Joins",
    "Late",
    "Row",
    "Session",
    "Sliding",
    "Table",
    "TableFold",
    "TopicSink",
    "TopicSource",
    "Tumbling",
    "Window",
    "Windowed",
    "aggregate_table",
    "aggregated",
    "arrival_clock",
    "by_window",
    "event_clock",
    "filtered_table",
    "join_global_table",
    "join_streams",
    "join_table",
    "join_tables",
    "join_tables_by",
    "suppressed",
    "table_at",
    "watermark_clock",
    "watermarked",
    "windowed",
]
