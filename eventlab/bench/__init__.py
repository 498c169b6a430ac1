"""The window bench: a few events whose times and order one changes by hand, and a real flow."""

from eventlab.bench.result import Result
from eventlab.bench.run import run
from eventlab.bench.scenario import Event, Scenario
from eventlab.bench.widget import WindowBench

__all__ = ["Event", "Result", "Scenario", "WindowBench", "run"]
