"""Views: what a service keeps for itself, built from topics by a fold, with its position."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventlab.views.differences import difference
    from eventlab.views.duck import DuckDB
    from eventlab.views.folding import Place, in_batches
    from eventlab.views.memory import Memory
    from eventlab.views.postgres import Postgres
    from eventlab.views.postgres_reader import PostgresRows
    from eventlab.views.rebuilding import Rebuilding
    from eventlab.views.rows import Rows
    from eventlab.views.serving import ViewApp, app
    from eventlab.views.snapshots import Snapshot
    from eventlab.views.sqlite import SQLite
    from eventlab.views.sqlite_reader import SQLiteRows
    from eventlab.views.table_fold import newest
    from eventlab.views.view import View
else:
    _MODULES = {
        "differences": ("difference",),
        "duck": ("DuckDB",),
        "folding": ("Place", "in_batches"),
        "memory": ("Memory",),
        "postgres": ("Postgres",),
        "postgres_reader": ("PostgresRows",),
        "rebuilding": ("Rebuilding",),
        "rows": ("Rows",),
        "serving": ("ViewApp", "app"),
        "snapshots": ("Snapshot",),
        "sqlite": ("SQLite",),
        "sqlite_reader": ("SQLiteRows",),
        "table_fold": ("newest",),
        "view": ("View",),
    }

    def __getattr__(name: str) -> object:
        # Who has a view in memory needs no HTTP server, and who reads one needs no Kafka.
        for module, names in _MODULES.items():
            if name in names:
                return getattr(import_module(f"eventlab.views.{module}"), name)
        raise AttributeError(f"module 'eventlab.views' has no attribute {name!r}")

    def __dir__() -> list[str]:
        return __all__


__all__ = [
    "DuckDB",
    "Memory",
    "Place",
    "Postgres",
    "PostgresRows",
    "Rebuilding",
    "Rows",
    "SQLite",
    "SQLiteRows",
    "Snapshot",
    "View",
    "ViewApp",
    "app",
    "difference",
    "in_batches",
    "newest",
]
