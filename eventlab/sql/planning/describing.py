"""Plans in words: what each step does, in the order in which rows go through them.

The words are those of the plan's graph.
"""

from typing import Any

from eventlab.sql.planning.graphs import words_of
from eventlab.sql.planning.plans import Aggregate, Project, Read, Step, steps_of
from eventlab.sql.planning.rows import Shape


def lines_of(plan: Step) -> list[tuple[Any, ...]]:
    """Return a line for each step: its number, what it does, and the columns that it gives."""
    return [
        (str(number), _words(step), _columns(step.shape))
        for number, step in enumerate(steps_of(plan), 1)
    ]


def _words(step: Step) -> str:
    if isinstance(step, Read):
        return f"read the {step.source.kind} {step.source.name} from {step.source.topic}"
    title, lines = words_of(step)
    if isinstance(step, Project):
        return title  # its columns are beside it
    words = f"{title} {', '.join(lines)}"
    return f"group by {step.by}, {words}" if isinstance(step, Aggregate) else words


def _columns(shape: Shape) -> str:
    return ", ".join(f"{one.name} {one.kind}" for one in shape.fields if not one.is_system)
