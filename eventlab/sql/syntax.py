"""What a statement says, as plain data: the parser makes it, the planner and the engine read it.

Nothing here knows how a statement is written. Names are as ksqlDB keeps them: in capitals, unless
they were quoted. Durations are milliseconds. A `Position` is the line and the column, both from 1,
at which a part of a statement begins; None where that is not known.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

from eventlab.sql.types import SqlType


class Position(NamedTuple):
    """Where something stands in the text of a statement, from 1."""

    line: int
    column: int


# -- expressions --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Constant:
    """A value that is written out; `kind` is None for NULL."""

    value: Any
    kind: SqlType | None
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Column:
    """A column, of a source where the statement names one; in a lambda, one of its parameters."""

    name: str
    source: str | None = None
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Field:
    """A field of a struct: `base->name`."""

    base: "Expression"
    name: str
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Element:
    """An element of an array, from 1 or from the end below 0, or of a map by its key."""

    base: "Expression"
    index: "Expression"
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Call:
    """A call of a function; `COUNT(*)` has no arguments and `is_star`."""

    name: str
    arguments: tuple["Expression", ...]
    is_star: bool = False
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Lambda:
    """A function that is written out: `(x, y) => x + y`."""

    parameters: tuple[str, ...]
    body: "Expression"
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Arithmetic:
    """Two operands and one of `+ - * / %`; `+` also joins texts, as `||` does."""

    operator: Literal["+", "-", "*", "/", "%"]
    left: "Expression"
    right: "Expression"
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Negative:
    """The operand with its sign turned round."""

    operand: "Expression"
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Comparison:
    """Two operands compared; IS DISTINCT FROM takes NULL for a value."""

    operator: Literal["=", "<>", "<", "<=", ">", ">=", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"]
    left: "Expression"
    right: "Expression"
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Logical:
    """Two conditions of which both, or one, must hold."""

    operator: Literal["AND", "OR"]
    left: "Expression"
    right: "Expression"
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Not:
    """A condition that must not hold."""

    operand: "Expression"
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class IsNull:
    """Whether the operand is NULL."""

    operand: "Expression"
    is_negated: bool = False
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Between:
    """Whether the operand lies between two bounds, both included."""

    operand: "Expression"
    lower: "Expression"
    upper: "Expression"
    is_negated: bool = False
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class In:
    """Whether the operand is one of several values."""

    operand: "Expression"
    options: tuple["Expression", ...]
    is_negated: bool = False
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Like:
    """Whether a text looks like a pattern, in which `%` is any text and `_` any letter."""

    operand: "Expression"
    pattern: "Expression"
    escape: str | None = None
    is_negated: bool = False
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Case:
    """The result of the first condition that holds; with `operand`, of the first equal value."""

    operand: "Expression | None"
    branches: tuple[tuple["Expression", "Expression"], ...]
    otherwise: "Expression | None"
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Cast:
    """The operand as a value of another type."""

    operand: "Expression"
    kind: SqlType
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class ArrayOf:
    """An array that is written out: `ARRAY[1, 2]`."""

    items: tuple["Expression", ...]
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class MapOf:
    """A map that is written out: `MAP('a' := 1)`."""

    pairs: tuple[tuple["Expression", "Expression"], ...]
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class StructOf:
    """A struct that is written out: `STRUCT(a := 1)`."""

    fields: tuple[tuple[str, "Expression"], ...]
    position: Position | None = field(default=None, compare=False)


Expression: TypeAlias = (
    Constant
    | Column
    | Field
    | Element
    | Call
    | Lambda
    | Arithmetic
    | Negative
    | Comparison
    | Logical
    | Not
    | IsNull
    | Between
    | In
    | Like
    | Case
    | Cast
    | ArrayOf
    | MapOf
    | StructOf
)


# -- queries ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Star:
    """Every column, of one source where it is named; of a struct (`s->*`) where `struct` is."""

    source: str | None = None
    struct: Expression | None = None
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Item:
    """One column of a result, with the name that the statement gives it."""

    expression: Expression
    alias: str | None = None
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class From:
    """A stream or a table that is read, and the name by which the query calls it."""

    name: str
    alias: str | None = None
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Within:
    """How far apart the events of a join of two streams may be; no `grace` where none is said."""

    before: int
    after: int
    grace: int | None = None


@dataclass(frozen=True)
class Join:
    """A further source, and the condition on which its rows are joined to those before."""

    kind: Literal["inner", "left", "right", "outer"]
    source: From
    condition: Expression
    within: Within | None = None
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class WindowClause:
    """WINDOW …; `size` is the gap of a session. None is what the statement does not say."""

    kind: Literal["tumbling", "hopping", "session"]
    size: int
    advance: int | None = None
    retention: int | None = None
    grace: int | None = None
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Query:
    """SELECT …; `emit` is None for a pull query, or where the statement does not say it."""

    items: tuple[Item | Star, ...]
    source: From
    joins: tuple[Join, ...] = ()
    window: WindowClause | None = None
    where: Expression | None = None
    group_by: tuple[Expression, ...] = ()
    partition_by: tuple[Expression, ...] = ()
    having: Expression | None = None
    emit: Literal["changes", "final"] | None = None
    limit: int | None = None
    position: Position | None = field(default=None, compare=False)


# -- statements ---------------------------------------------------------------------------------

Kind = Literal["stream", "table"]
Properties: TypeAlias = Mapping[str, Any]  # by name in capitals; values as Python has them


class WrittenProperties(dict[str, Any]):
    """Properties as a statement writes them, and where each of them stands."""

    def __init__(self) -> None:
        super().__init__()
        self.positions: dict[str, Position] = {}


@dataclass(frozen=True)
class ColumnDefinition:
    """A column of a source; `header` names the record's header (`""`: all of them)."""

    name: str
    kind: SqlType
    role: Literal["value", "key", "primary key", "headers"] = "value"
    header: str | None = None
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class CreateSource:
    """CREATE STREAM or TABLE over a topic; `is_source` is one that nobody may write to."""

    kind: Kind
    name: str
    elements: tuple[ColumnDefinition, ...]
    properties: Properties
    or_replace: bool = False
    if_not_exists: bool = False
    is_source: bool = False
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class CreateAs:
    """CREATE STREAM or TABLE … AS SELECT …."""

    kind: Kind
    name: str
    query: Query
    properties: Properties = field(default_factory=dict)
    or_replace: bool = False
    if_not_exists: bool = False
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class InsertInto:
    """INSERT INTO a stream what a query selects."""

    name: str
    query: Query
    properties: Properties = field(default_factory=dict)
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class InsertValues:
    """INSERT INTO a source one row; no `columns` are all of them, in their order.

    `places` says where each of the columns stands.
    """

    name: str
    columns: tuple[str, ...]
    values: tuple[Expression, ...]
    places: tuple[Position, ...] = field(default=(), compare=False)
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Select:
    """A query by itself: push where it emits, pull where it does not."""

    query: Query


@dataclass(frozen=True)
class Show:
    """SHOW or LIST …; `is_extended` tells more of each, `is_all` also of what is internal."""

    what: Literal["streams", "tables", "queries", "topics", "functions", "types", "variables",
                  "properties"]  # fmt: skip
    is_extended: bool = False
    is_all: bool = False


@dataclass(frozen=True)
class Describe:
    """DESCRIBE a source, or all of a kind (`STREAMS`, `TABLES`) where `name` says so."""

    name: str
    is_extended: bool = False
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class DescribeFunction:
    """DESCRIBE FUNCTION …."""

    name: str


@dataclass(frozen=True)
class Explain:
    """EXPLAIN a running query by its id, or a statement that is not run."""

    query_id: str | None = None
    statement: "Statement | None" = None
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Print:
    """PRINT a topic's records."""

    topic: str
    from_beginning: bool = False
    interval: int | None = None
    limit: int | None = None
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Control:
    """TERMINATE, PAUSE or RESUME a query by its id, or ALL."""

    action: Literal["terminate", "pause", "resume"]
    query_id: str  # or "ALL"
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Drop:
    """DROP a stream or a table, its topic too where that is said."""

    kind: Kind
    name: str
    if_exists: bool = False
    delete_topic: bool = False
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class CreateType:
    """CREATE TYPE … AS …."""

    name: str
    kind: SqlType
    if_not_exists: bool = False


@dataclass(frozen=True)
class DropType:
    """DROP TYPE …."""

    name: str
    if_exists: bool = False


@dataclass(frozen=True)
class AlterSource:
    """ALTER STREAM or TABLE … ADD COLUMN …."""

    kind: Kind
    name: str
    elements: tuple[ColumnDefinition, ...]
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Set:
    """SET 'property' = 'value'; UNSET where `value` is None."""

    name: str
    value: str | None


@dataclass(frozen=True)
class Define:
    """DEFINE name = 'value'; UNDEFINE where `value` is None."""

    name: str
    value: str | None


@dataclass(frozen=True)
class AssertValues:
    """ASSERT VALUES, or NULL VALUES for a tombstone: the next row of a topic is this one."""

    name: str
    columns: tuple[str, ...]
    values: tuple[Expression, ...]
    is_tombstone: bool = False
    position: Position | None = field(default=None, compare=False)
    places: tuple[Position, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class AssertSource:
    """ASSERT STREAM or TABLE: the source has these columns and properties."""

    kind: Kind
    name: str
    elements: tuple[ColumnDefinition, ...]
    properties: Properties
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class AssertTopic:
    """ASSERT [NOT EXISTS] TOPIC …, waited for as long as `timeout` says."""

    topic: str
    properties: Properties = field(default_factory=dict)
    is_negated: bool = False
    timeout: int | None = None
    position: Position | None = field(default=None, compare=False)


@dataclass(frozen=True)
class AssertSchema:
    """ASSERT [NOT EXISTS] SCHEMA of a subject, of an id, or both; waited for as `timeout` says."""

    subject: str | None
    schema_id: int | None
    is_negated: bool = False
    timeout: int | None = None
    position: Position | None = field(default=None, compare=False)


Assertion: TypeAlias = AssertValues | AssertSource | AssertTopic | AssertSchema

Statement: TypeAlias = (
    CreateSource
    | CreateAs
    | InsertInto
    | InsertValues
    | Select
    | Show
    | Describe
    | DescribeFunction
    | Explain
    | Print
    | Control
    | Drop
    | CreateType
    | DropType
    | AlterSource
    | Set
    | Define
    | Assertion
)
