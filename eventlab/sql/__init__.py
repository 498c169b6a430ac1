"""Streaming SQL: ksqlDB's dialect on an engine of our own, over the operators of `streams`."""
