"""Which sources can be joined: of what kind, by what, within which windows and partitions."""

from eventlab.errors import SqlError
from eventlab.sql.catalog import Source, WindowedBy
from eventlab.sql.planning.compiler import Compiler
from eventlab.sql.planning.join_conditions import Sides, is_key
from eventlab.sql.planning.plans import JoinStreams, JoinTable, JoinTables, Read, Step
from eventlab.sql.planning.rows import Shape
from eventlab.sql.syntax import Join, Query


def require_different_sources(query: Query) -> None:
    """Raise SqlError for a source that is joined with itself, and for two of one name."""
    names = [query.source.alias or query.source.name]
    sources = [query.source.name]
    for join in query.joins:
        name = join.source.alias or join.source.name
        if join.source.name in sources:
            raise _joined_with_itself(join)
        if name in names:
            raise _called_alike(join, name)
        names.append(name)
        sources.append(join.source.name)


def require_possible(join: Join, left: Shape, right: Shape, sides: Sides) -> None:
    """Raise SqlError for kinds of sources that are not joined so."""
    kinds = (left.kind, right.kind)
    if kinds == ("table", "stream"):
        raise SqlError(
            "A table cannot be joined with a stream",
            expected="the stream before the table",
            found="the table before the stream",
            remedy="Turn the two round: FROM stream JOIN table ON ….",
            position=join.position,
        )
    if kinds == ("stream", "table") and join.kind not in ("inner", "left"):
        raise SqlError(
            "A stream and a table are joined for each event of the stream",
            expected="JOIN or LEFT JOIN",
            found=f"{join.kind.upper()} JOIN",
            remedy="Write LEFT JOIN to keep events without a row.",
            position=join.position,
        )
    if right.kind == "table" and not is_key(right, sides.right):
        raise SqlError(
            "A table is joined by its key",
            expected="the primary key of the table behind JOIN in the condition",
            found="another column, or an expression",
            remedy="Join by the table's key, or make a table with that key: GROUP BY.",
            position=join.condition.position,
        )
    _require_within(join, is_of_streams=kinds == ("stream", "stream"))


def require_same_type(
    compiler: Compiler, join: Join, left: Shape, right: Shape, sides: Sides
) -> None:
    """Raise SqlError for a condition whose two sides can never be equal."""
    one = compiler.compiled(sides.left, left).kind
    other = compiler.compiled(sides.right, right).kind
    if one != other:
        raise SqlError(
            "The two sides of a join's condition are of different types",
            expected="the same type on both",
            found=f"{one} and {other}",
            remedy="Cast one of them: CAST(… AS BIGINT).",
            position=join.position,
        )


def require_same_windows(join: Join, left: Shape, right: Shape, sides: Sides) -> None:
    """Raise SqlError for keys of windows that can never be equal, or that would be lost."""
    if left.window is None and right.window is None:
        return
    if not _are_alike(left.window, right.window):
        raise SqlError(
            "Rows of different windows cannot be joined",
            expected="the same type and size of window on both sides, or none",
            found=f"{_described(left.window)}, and {_described(right.window)}",
            remedy="Make both of the same WINDOW, or use streams without windows.",
            position=join.position,
        )
    if not (is_key(left, sides.left) and is_key(right, sides.right)):
        raise SqlError(
            "Rows of windows are joined by their keys alone",
            expected="the key of each side in the condition",
            found="another column, or an expression",
            remedy="Join by the keys, or join before the window is made.",
            position=join.position,
        )


def require_same_partitions(join: Join, left: Step, right: Step) -> None:
    """Raise SqlError for topics whose keys are spread over different numbers of partitions.

    Rows that get another key are spread anew, so that nothing is said of them.
    """
    if not isinstance(right, Read):
        return
    for source in _spread(left):
        if None not in (source.partitions, right.source.partitions):
            _require_as_many(join, source, right.source)


def require_first(join: Join, left: Step) -> None:
    """Raise SqlError for a join by a foreign key behind another join."""
    if not isinstance(left, Read):
        raise SqlError(
            "Only the first join of a query can be by a foreign key",
            expected="the primary key of the tables before in the condition",
            found=f"another column, to join {join.source.name}",
            remedy="Put this join first, or make a table of the joins before it.",
            position=join.position,
        )


def require_inner_or_left(join: Join) -> None:
    """Raise SqlError for a join by a foreign key that would keep rows of the right side alone."""
    if join.kind not in ("inner", "left"):
        raise SqlError(
            "A join by a foreign key is an inner or a left join",
            expected="JOIN or LEFT JOIN",
            found=f"{join.kind.upper()} JOIN",
            remedy="Join both tables by their keys, or write LEFT JOIN.",
            position=join.position,
        )


def _require_within(join: Join, *, is_of_streams: bool) -> None:
    if is_of_streams and join.within is None:
        raise SqlError(
            "Two streams are joined within a window of time",
            expected="WITHIN, such as WITHIN 1 HOUR",
            found="none",
            remedy="Say how far apart the two events may be: JOIN … WITHIN 1 HOUR ON ….",
            position=join.position,
        )
    if join.within is not None and not is_of_streams:
        raise SqlError(
            "A table has no window of time",
            expected="WITHIN between two streams alone",
            found="WITHIN, and a table",
            remedy="Leave WITHIN out.",
            position=join.position,
        )


def _are_alike(one: WindowedBy | None, other: WindowedBy | None) -> bool:
    if one is None or other is None:
        return one is other
    return (one.kind == "session") == (other.kind == "session") and one.size == other.size


def _described(window: WindowedBy | None) -> str:
    if window is None:
        return "no window"
    return window.kind if window.size is None else f"{window.kind} of {window.size} ms"


def _spread(step: Step) -> list[Source]:
    """Return the sources below a step whose rows still have the keys of their topics."""
    match step:
        case Read():
            return [step.source]
        case JoinStreams() | JoinTable() | JoinTables():
            return [*_spread(step.left), *_spread(step.right)]
        case _:
            return []


def _require_as_many(join: Join, left: Source, right: Source) -> None:
    if left.partitions != right.partitions:
        raise SqlError(
            f"{left.name} and {right.name} cannot be joined partition by partition",
            expected="topics with the same number of partitions",
            found=f"{left.partitions} and {right.partitions}",
            remedy=f"Make one anew: CREATE … WITH (PARTITIONS={left.partitions}) AS SELECT …;",
            position=join.position,
        )


def _joined_with_itself(join: Join) -> SqlError:
    return SqlError(
        f"{join.source.name} is joined with itself",
        expected="different streams or tables",
        found=f"{join.source.name} twice",
        remedy=f"Make a copy to join with: CREATE … AS SELECT * FROM {join.source.name};",
        position=join.source.position,
    )


def _called_alike(join: Join, name: str) -> SqlError:
    return SqlError(
        f"Two sources of the query are called {name}",
        expected="names that are different",
        found=name,
        remedy=f"Give one of them another: {join.source.name} AS other.",
        position=join.source.position,
    )
