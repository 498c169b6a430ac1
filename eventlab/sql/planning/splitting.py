"""In how many parts the work of a query can be done, each on partitions of its own."""

from collections.abc import Callable

from eventlab.sql.planning.plans import (
    Aggregate,
    JoinStreams,
    JoinTable,
    JoinTables,
    Read,
    Rekey,
    Step,
    sources_of,
)


def parts_of(plan: Step, partitions_of: Callable[[str], int]) -> int:
    """Return the number of parts: one for each partition, or one for all of them.

    `partitions_of` gives the number of partitions of a topic. Parts hand each other nothing: what
    meets what it has to be grouped or joined with has to be in the same partition, and is if it is
    found by the key of the records. A new key at the end leads only to where a row is written.
    """
    counts = {partitions_of(source.topic) for source in sources_of(plan)}
    return counts.pop() if len(counts) == 1 and _is_apart(plan) else 1


def _is_apart(step: Step) -> bool:
    """Tell whether each partition can be worked on without the others."""
    match step:
        case Read():
            return True
        case Aggregate():
            return step.keeps_key and _has_old_keys(step.up) and _is_apart(step.up)
        case JoinTables() if step.foreign_key is not None:
            return False
        case JoinStreams() | JoinTable() | JoinTables():
            sides = (step.left, step.right)
            return _has_keys_alike(step) and all(
                _has_old_keys(side) and _is_apart(side) for side in sides
            )
        case _:
            return _is_apart(step.up)


def _has_old_keys(step: Step) -> bool:
    """Tell whether rows still have the keys of their topics."""
    match step:
        case Read():
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
