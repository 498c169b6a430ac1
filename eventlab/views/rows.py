"""What one reads of a view, whoever builds it."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from eventlab.checked import checked
from eventlab.views.positions import PublicPosition, public
from eventlab.views.stores import Answer, Mark, Question, Reader, Tables

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

        found = self._reader.query(query, parameters)
        return pandas.DataFrame(found.rows, columns=found.columns)

    def tables(self) -> Tables:
        """Return all rows: by the name of their table, and by their key."""
        return self._reader.tables()


class KeptRows(Rows):
    """Rows with their mark beside them, which any process reads by itself."""

    @property
    @abstractmethod
    def mark(self) -> Mark:
        """Return what stands beside the rows."""

    @property
    def position(self) -> PublicPosition:
        """Return how far the rows are, as their own store says."""
        return public(self.mark.offsets)
