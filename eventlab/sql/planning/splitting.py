"""In how many parts the work of a query can be done, each on partitions of its own."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from eventlab.sql.planning.plans import (
    Aggregate,
    Evaluate,
    Explode,
    JoinStreams,
    JoinTable,
    JoinTables,
    Project,
    Read,
    Rekey,
    Repartition,
    Step,
    Where,
    sources_of,
    steps_of,
)
from eventlab.sql.types import SqlType

# What they give differs each time: a row that is passed on again could get another key.
_DRAWN = re.compile(r"\b(RANDOM|UUID|UNIX_TIMESTAMP|UNIX_DATE)\(\)")


@dataclass(frozen=True)
class Split:
    """The plan of a query as it is split: in `parts`, of which each reads a partition.

    With a step that repartitions, so many pass rows on, and as many others do the rest. `why` says
    what keeps a query in one part; it is empty where nothing does.
    """

    plan: Step
    parts: int
    why: str = ""


def split(plan: Step, partitions_of: Callable[[str], int], topic: str) -> Split:
    """Return how a query is split; rows that need another partition go there through a `topic`.

    `partitions_of` gives the number of partitions of a topic. What meets what it has to be grouped
    or joined with has to be in the same partition, and is if it is found by the key of the records.
    A new key at the end leads only to where a row is written.
    """
    counts = [partitions_of(source.topic) for source in sources_of(plan)]
    are_alike = len(set(counts)) == 1
    if are_alike and _is_apart(plan):
        return Split(plan, counts[0], _few(counts[0]))
    if counts[0] == 1:
        return Split(plan, 1, _few(1))
    why = _why_whole(plan, are_alike)
    return Split(plan, 1, why) if why else Split(repartitioned(plan, topic), counts[0])


def repartitioned(plan: Step, topic: str) -> Step:
    """Return a plan that repartitions its stream before the first step that needs it."""
    match plan:
        case Aggregate() if _is_stateless(plan.up):
            kinds = tuple(plan.shape.key_types)
            is_windowed = plan.window is not None
            return replace(
                plan, up=_through(plan.up, topic, plan.groups, kinds, is_windowed, plan.by)
            )
        case JoinTable() if _is_stateless(plan.left):
            words = plan.left.words if isinstance(plan.left, Rekey) else "their key"
            return replace(plan, left=_through(plan.left, topic, (), (), True, words))
        case JoinTable():
            return replace(plan, left=repartitioned(plan.left, topic))
        case Aggregate() | Where() | Rekey() | Explode() | Project():
            return replace(plan, up=repartitioned(plan.up, topic))
        case _:
            return plan


def repartition_of(plan: Step) -> Repartition | None:
    """Return the step of a plan that repartitions, None where there is none."""
    return next((step for step in steps_of(plan) if isinstance(step, Repartition)), None)


def _through(
    up: Step,
    topic: str,
    groups: tuple[Evaluate, ...],
    kinds: tuple[SqlType, ...],
    tells_time: bool,
    words: str,
) -> Repartition:
    return Repartition(up, topic, groups, kinds, tells_time, up.shape, words)


def _few(number: int) -> str:
    return "its topic has one partition" if number == 1 else ""


def _why_whole(plan: Step, are_alike: bool) -> str:
    """Return what keeps a query from being repartitioned, "" where nothing does.

    Topics that `are_alike` have as many partitions each.
    """
    steps = steps_of(plan)
    for step in steps:
        if isinstance(step, JoinTables) and step.foreign_key is not None:
            return "tables are joined by a foreign key"
        if isinstance(step, JoinStreams | JoinTables) and not (are_alike and _is_apart(step)):
            return _why_joined_whole(step)
    if any(isinstance(step, Aggregate) and step.up.shape.kind == "table" for step in steps):
        return "the rows of a table are grouped by another column than its key"
    through = repartitioned(plan, "")
    between = repartition_of(through)
    if between is None or not _is_apart(through):
        return "rows are brought together by one column, and then by another"
    # How late a joined row is depends on all that were joined before it, wherever they are.
    windowed = [one for one in steps if isinstance(one, Aggregate) and one.window is not None]
    if windowed and any(isinstance(one, JoinTable) for one in steps):
        return "windows are made of what was joined by another column"
    said = [between.words] + [one.words for one in steps if isinstance(one, Rekey | Explode)]
    if any(_DRAWN.search(words) for words in said):
        return "what rows are brought together by is another value each time"
    return ""


def _why_joined_whole(step: JoinStreams | JoinTables) -> str:
    if _has_old_keys(step.left) and _has_old_keys(step.right):
        return "the keys of what is joined are spread over partitions in different ways"
    return "streams are joined by another column than their key"


def _is_stateless(step: Step) -> bool:
    """Tell whether a step gives the same rows of a stream's records each time they are read."""
    match step:
        case Read():
            return step.source.kind == "stream"
        case Where() | Rekey() | Explode():
            return _is_stateless(step.up)
        case _:
            return False


def _is_apart(step: Step) -> bool:
    """Tell whether each partition can be worked on without the others."""
    match step:
        case Read() | Repartition():
            return True
        case Aggregate(up=Repartition()):
            return True
        case Aggregate():
            return step.keeps_key and _has_old_keys(step.up) and _is_apart(step.up)
        case JoinTables() if step.foreign_key is not None:
            return False
        case JoinStreams() | JoinTable() | JoinTables():
            sides = (step.left, step.right)
            # Behind a step that repartitions each part reads the whole of a table.
            is_met = repartition_of(step.left) is not None or _has_keys_alike(step)
            return is_met and all(_has_old_keys(side) and _is_apart(side) for side in sides)
        case _:
            return _is_apart(step.up)


def _has_old_keys(step: Step) -> bool:
    """Tell whether rows still have the keys of their topics."""
    match step:
        case Read() | Repartition():
            return True
        case Rekey():
            return False
        case JoinStreams() | JoinTable() | JoinTables():
            return _has_old_keys(step.left) and _has_old_keys(step.right)
        case _:
            return _has_old_keys(step.up)


def _has_keys_alike(step: Step) -> bool:
    """Tell whether equal keys are equal bytes on the wire, which lead to the same partition."""
    forms = {
        (source.key_format, tuple(column.kind for column in source.keys))
        for source in sources_of(step)
    }
    return len(forms) == 1
