"""From a query to its plan: what is read, filtered, joined, grouped and shown, in which order."""

from eventlab.errors import SqlError
from eventlab.sql.catalog import Catalog
from eventlab.sql.functions.collecting import limited
from eventlab.sql.planning.aggregates import aggregated, is_aggregate
from eventlab.sql.planning.columns import shown_columns
from eventlab.sql.planning.compiler import Compiler
from eventlab.sql.planning.expression_texts import text_of
from eventlab.sql.planning.joins import joined, read
from eventlab.sql.planning.naming import Names
from eventlab.sql.planning.plans import Step
from eventlab.sql.planning.steps import exploded, filtered, partitioned, projected
from eventlab.sql.syntax import Query


def planned(catalog: Catalog, compiler: Compiler, query: Query, *, is_persistent: bool) -> Step:
    """Return the plan of a query. Raises SqlError for what it asks for wrongly.

    A query that is kept in a topic keeps its key beside the values; what a push query shows are
    values alone.
    """
    with limited(catalog.settings.given):
        return _planned(catalog, compiler, query, is_persistent=is_persistent)


def _planned(catalog: Catalog, compiler: Compiler, query: Query, *, is_persistent: bool) -> Step:
    up = joined(catalog, compiler, query) if query.joins else read(catalog, query.source)
    if is_persistent:
        _require_no_windowed_table(up, query)
    if query.where is not None:
        up = filtered(compiler, up, query.where, text_of(query.where))
    if is_aggregate(compiler.functions, query):
        return aggregated(compiler, up, query, is_persistent=is_persistent)
    _require_no_having(query)
    _require_not_final(query)
    names = Names(field.name for field in up.shape.fields)
    up, stands_for = partitioned(compiler, up, query)
    with_windows = not is_persistent and not query.joins
    shown = shown_columns(compiler, up.shape, query, names, with_windows=with_windows)
    shown = [one.replaced(stands_for, up.shape) for one in shown]
    up, shown = exploded(compiler, up, shown)
    return projected(compiler, up, shown, is_persistent=is_persistent)


def _require_no_windowed_table(up: Step, query: Query) -> None:
    """Raise SqlError for a table whose rows are of windows: only a stream of them can be kept."""
    if up.shape.kind == "table" and up.shape.window is not None:
        raise SqlError(
            "A query that is kept reads no table of windows",
            expected="a table without windows, or a stream",
            found=f"{query.source.name}, whose rows are of windows",
            remedy="Create a STREAM over its topic, with WINDOW_TYPE, and query that.",
            position=query.source.position,
        )


def _require_not_final(query: Query) -> None:
    if query.emit == "final":
        raise SqlError(
            "Only a window has a final result",
            expected="EMIT FINAL with WINDOW and GROUP BY",
            found="EMIT FINAL in a query without a window",
            remedy="Write EMIT CHANGES.",
            position=query.position,
        )


def _require_no_having(query: Query) -> None:
    if query.having is not None:
        raise SqlError(
            "HAVING stands in a query without groups",
            expected="GROUP BY before HAVING",
            found="HAVING alone",
            remedy="Write the condition behind WHERE.",
            position=query.position,
        )
