"""ALTER: columns are added to a stream or a table over a topic that somebody else fills."""

from dataclasses import replace

from eventlab.errors import SqlError
from eventlab.sql.catalog import Catalog, Source, SourceColumn
from eventlab.sql.planning.column_rules import require_new_names, require_possible
from eventlab.sql.planning.properties import Properties
from eventlab.sql.syntax import AlterSource


def altered(statement: AlterSource, catalog: Catalog, text: str) -> Source:
    """Return a source with the columns that a statement adds behind the others. Raises SqlError."""
    before = catalog.source(statement.name, statement.position)
    _require_alterable(before, statement)
    require_new_names(statement.elements, {column.name for column in before.columns})
    added = [
        SourceColumn(one.name, catalog.resolved(one.kind, one.position))
        for one in statement.elements
    ]
    after = replace(before, columns=(*before.columns, *added), text=f"{before.text};\n{text}")
    require_possible(after, Properties({}, catalog.settings))
    return after


def _require_alterable(source: Source, statement: AlterSource) -> None:
    if source.kind != statement.kind:
        raise SqlError(
            f"{source.name} is a {source.kind}",
            expected=f"ALTER {source.kind.upper()}",
            found=f"ALTER {statement.kind.upper()}",
            remedy=f"Write ALTER {source.kind.upper()} {source.name} ADD COLUMN ….",
            position=statement.position,
        )
    if source.is_derived:
        raise SqlError(
            f"{source.name} has the columns of its query",
            expected=f"a {source.kind} that was created without AS SELECT",
            found="one that was created by AS SELECT",
            remedy=f"CREATE OR REPLACE {source.kind.upper()} {source.name} AS SELECT … them too.",
            position=statement.position,
        )
    if source.is_read_only:
        raise SqlError(
            f"{source.name} cannot be altered",
            expected=f"a {source.kind} that was created without SOURCE",
            found="a SOURCE, which is only read",
            remedy="DROP it, and create it again with the columns.",
            position=statement.position,
        )
