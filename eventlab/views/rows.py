"""What one reads of a view, whoever builds it."""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING, Any

from eventlab.checked import checked
from eventlab.errors import UsageError, shown
from eventlab.views.stores import Answer, Question, Reader, Tables

if TYPE_CHECKING:  # 55 MB that a service which serves a view never needs
    import pandas


class Rows(ABC):
    """Rows to be read, from any thread; each question sees them at one moment of the view."""

    @property
    @abstractmethod
    def _reader(self) -> Reader:
        """Return who reads them."""

    @checked
    def read(self, question: Question[Answer]) -> Answer:
        """Return what a function makes of the store's own reader: the dict, or the connection.

        Of a cursor that it returns, its rows are. `view.read(dict)` copies a view in memory.
        """
        return self._reader.read(question)

    @checked
    def sql(self, query: str, parameters: Sequence[Any] = ()) -> "pandas.DataFrame":
        """Return what a query of the store's own SQL finds, as a DataFrame. Raises UsageError."""
        import pandas

        def ask(connection: Any) -> tuple[list[str], list[Any]]:
            if not hasattr(connection, "execute"):
                raise UsageError(
                    "This view has no SQL",
                    expected="a view whose store is SQLite(...)",
                    found=f"one whose rows are a {type(connection).__name__}",
                    remedy="Ask it in its own way: view.read(lambda rows: ...).",
                )
            with closing(connection.execute(query, parameters)) as cursor:
                return [column[0] for column in cursor.description or []], cursor.fetchall()

        try:
            names, rows = self._reader.read(ask)
        except (sqlite3.Error, ValueError, OverflowError) as error:
            raise _refused(query, error) from error
        return pandas.DataFrame(rows, columns=names)

    def tables(self) -> Tables:
        """Return all rows: by the name of their table, and by their key."""
        return self._reader.tables()


def _refused(query: str, error: Exception) -> UsageError:
    if isinstance(error, UsageError):
        return error
    return UsageError(
        "SQLite does not answer this query",
        expected="a statement that reads, and a value for each question mark",
        found=f"{shown(query)} ({error})",
        remedy='Write for example view.sql("select * from sold where n > ?", [3]).',
    )
