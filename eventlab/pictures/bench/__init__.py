"""The window bench: a few events whose times and order one changes, and a real flow."""

from eventlab.pictures.bench.result import Result
from eventlab.pictures.bench.run import run
from eventlab.pictures.bench.scenario import Event, Scenario
from eventlab.pictures.bench.widget import WindowBench

__all__ = ["Event", "Result", "Scenario", "WindowBench", "run"]
