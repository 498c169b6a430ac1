"""Plans in words: what each step does, in the order in which rows go through them."""

from typing import Any

from eventlab.sql.planning.plans import (
    Aggregate,
    Explode,
    JoinStreams,
    JoinTable,
    JoinTables,
    Project,
    Read,
    Rekey,
    Step,
    Where,
    steps_of,
)
from eventlab.sql.planning.rows import Shape


def lines_of(plan: Step) -> list[tuple[Any, ...]]:
    """Return a line for each step: its number, what it does, and the columns that it gives."""
    return [
        (str(number), _words(step), _columns(step.shape))
        for number, step in enumerate(steps_of(plan), 1)
    ]


def _words(step: Step) -> str:
    match step:
        case Read():
            return f"read the {step.source.kind} {step.source.name} from {step.source.topic}"
        case Where():
            return "keep the rows for which the condition holds"
        case Rekey():
            names = [step.shape.fields[place].name for place in step.shape.keys]
            return f"key by {', '.join(names) or 'nothing'}"
        case Explode():
            return "make a row of each value of a list"
        case JoinStreams():
            return f"{step.how} join of two streams, pairs within a window of time"
        case JoinTable():
            return f"{step.how} join of each event with a table's row"
        case JoinTables():
            by = "a foreign key" if step.foreign_key else "their keys"
            return f"{step.how} join of two tables by {by}"
        case Aggregate():
            where = "" if step.window is None else f" in {step.window.kind} windows"
            when = ", each when it is over" if step.is_final else ""
            return f"group{where}, and fold{when}"
        case Project():
            return "show"


def _columns(shape: Shape) -> str:
    return ", ".join(f"{one.name} {one.kind}" for one in shape.fields if not one.is_system)
