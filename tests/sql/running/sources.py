"""Sources for the tests, as statements make them, and records as a topic has them."""

from eventlab.sql.catalog import Source
from eventlab.sql.planning.plans import Read
from eventlab.sql.planning.rows import shape_of
from eventlab.sql.running.trying import Trial
from eventlab.streams import Arrival


def source(statement: str) -> Source:
    """Return the one stream or table that a statement makes."""
    trial = Trial()
    trial.take(statement)
    (made,) = trial.catalog.sources.values()
    return made


def reading(of: Source) -> Read:
    """Return the step that reads a source."""
    return Read(of, of.name, shape_of(of, of.name))


def record(key, value, time=5, offset=0, **more) -> Arrival:
    """Return a record of a topic, stamped with its own time."""
    return Arrival((key, value), None, "t", 0, offset, time, time, **more)
