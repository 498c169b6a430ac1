"""Streaming SQL: ksqlDB's dialect on an engine of our own, over the operators of `streams`."""

from eventlab.sql.embedded import EmbeddedSql
from eventlab.sql.running.trying import WireRecord, run_statements

__all__ = ["EmbeddedSql", "WireRecord", "run_statements"]
