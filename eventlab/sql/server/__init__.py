"""Streaming SQL by itself: a process that is asked over HTTP, in the shape of ksqlDB's REST API."""
