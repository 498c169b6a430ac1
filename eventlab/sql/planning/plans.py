"""What a query does, step by step: each step knows the shape of its rows, and what it reads.

A plan is data: EXPLAIN draws it, and `building` makes a flow of it. What a step computes is a
function, which nobody can read: `words` has it as the statement says it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from eventlab.sql.catalog import Source
from eventlab.sql.functions.registry import Folding
from eventlab.sql.planning.rows import Shape
from eventlab.sql.syntax import WindowClause, Within
from eventlab.sql.types import SqlType

Row: TypeAlias = tuple[Any, ...]
Evaluate: TypeAlias = Callable[[Row], Any]


@dataclass(frozen=True)
class Read:
    """Rows of a stream or a table, as they come into its topic."""

    source: Source
    alias: str
    shape: Shape


@dataclass(frozen=True)
class Where:
    """Those rows for which a condition holds; a table says of every other that it is no more."""

    up: "Step"
    condition: Evaluate
    shape: Shape
    words: str = ""


@dataclass(frozen=True)
class Rekey:
    """The rows by another key: the columns at the places that the shape names.

    `columns` are computed first, and put behind the row. Of a row without a value only those parts
    of the key are known that are made of the old key alone: `are_of_key` says which columns are.
    """

    up: "Step"
    columns: tuple[Evaluate, ...]
    are_of_key: tuple[bool, ...]
    shape: Shape
    words: str = ""


@dataclass(frozen=True)
class Repartition:
    """The rows of a stream by the key that the next step needs, through a topic split by it.

    The key is that of `groups`, whose types are `kinds`; without groups it is the rows' own. Where
    it `tells_time`, each partition of the topic learns too how far those of the source are.
    """

    up: "Step"
    topic: str
    groups: tuple[Evaluate, ...]
    kinds: tuple[SqlType, ...]
    tells_time: bool
    shape: Shape
    words: str = ""


@dataclass(frozen=True)
class Explode:
    """A row for each value of lists that table functions make of a row."""

    up: "Step"
    lists: tuple[Evaluate, ...]
    shape: Shape
    words: str = ""


@dataclass(frozen=True)
class JoinStreams:
    """Pairs of events of two streams that happened close to each other."""

    left: "Step"
    right: "Step"
    how: Literal["inner", "left", "right", "outer"]
    within: Within
    shape: Shape
    words: str = ""


@dataclass(frozen=True)
class JoinTable:
    """Events of a stream, each with the row that a table has for its key."""

    left: "Step"
    right: "Step"
    how: Literal["inner", "left"]
    shape: Shape
    words: str = ""


@dataclass(frozen=True)
class JoinTables:
    """Rows of two tables of one key; by a foreign key where the left one has an expression."""

    left: "Step"
    right: "Step"
    how: Literal["inner", "left", "right", "outer"]
    foreign_key: Evaluate | None
    shape: Shape
    words: str = ""


@dataclass(frozen=True)
class Aggregated:
    """One aggregate function of a group: how it folds, and what it takes of a row."""

    folding: Folding
    arguments: tuple[Evaluate, ...]
    takes_null: bool


@dataclass(frozen=True)
class Aggregate:
    """A row for each group, in each window where there is one.

    It `keeps_key` where all rows of a group have the same key already. `by` says what a group is,
    `words` what is computed of it.
    """

    up: "Step"
    groups: tuple[Evaluate, ...]
    aggregates: tuple[Aggregated, ...]
    window: WindowClause | None
    is_final: bool
    shape: Shape
    by: str = ""
    words: str = ""
    keeps_key: bool = False


@dataclass(frozen=True)
class Project:
    """The columns of the result: the key's, which stay as they are, and the values'."""

    up: "Step"
    values: tuple[Evaluate, ...]
    shape: Shape  # the key's columns, then the values


Step: TypeAlias = (
    Read
    | Where
    | Rekey
    | Repartition
    | Explode
    | JoinStreams
    | JoinTable
    | JoinTables
    | Aggregate
    | Project
)


def steps_of(plan: Step) -> list[Step]:
    """Return the steps of a plan, in the order in which rows go through them."""
    match plan:
        case Read():
            return [plan]
        case JoinStreams() | JoinTable() | JoinTables():
            return [*steps_of(plan.left), *steps_of(plan.right), plan]
        case _:
            return [*steps_of(plan.up), plan]


def sources_of(step: Step) -> list[Source]:
    """Return the sources that a plan reads, the first one first."""
    match step:
        case Read():
            return [step.source]
        case JoinStreams() | JoinTable() | JoinTables():
            return [*sources_of(step.left), *sources_of(step.right)]
        case _:
            return sources_of(step.up)
