"""Streaming SQL: ksqlDB's dialect on an engine of our own, over the operators of `streams`."""

from eventlab.sql.embedded import EmbeddedSql
from eventlab.sql.running.trying import WireRecord, run_statements
from eventlab.sql.server.held import SqlServer

__all__ = ["EmbeddedSql", "SqlServer", "WireRecord", "run_statements"]
