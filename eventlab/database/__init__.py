"""A real PostgreSQL beside the log: started by the first lab that asks, ended with the last.

It is what the book's arguments about data are compared with. An optional part: nothing of it is
imported, started or needed before a notebook asks for a database.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eventlab.database.database import Database
    from eventlab.database.making import new_database

# Resolved on first use: the supervisor imports this room too, and needs none of it.
_MODULES = {
    "Database": "database",
    "new_database": "making",
}

__all__ = ["Database", "new_database"]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'eventlab.database' has no attribute {name!r}")
    return getattr(import_module(f"eventlab.database.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
