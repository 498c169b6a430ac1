"""What the cells of a notebook have opened, and how it is closed."""

from collections.abc import Callable
from typing import Any, NamedTuple

from eventlab.errors import UsageError, shown
from eventlab.lab.notebook import Cell, running_cell
from eventlab.processes.closing import close_all

Close = Callable[[], object]


class _Entry(NamedTuple):
    cell: Cell
    place: str | None
    close: Close


class Opened:
    """Everything that cells have opened and nobody has closed.

    A cell that runs again, and a thing that takes the place of another (the same `place`), first
    close what was there before: so any cell may be run again at any time. What one of them raises
    keeps none of the others open, and is raised at the end.
    """

    def __init__(self) -> None:
        self._entries: list[_Entry] = []

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, close: Close, place: str | None = None) -> None:
        """Remember how to close something, and close what it replaces."""
        cell = running_cell()

        def is_replaced(entry: _Entry) -> bool:
            return cell.is_again(entry.cell) or (place is not None and entry.place == place)

        replaced = [entry for entry in self._entries if is_replaced(entry)]
        self._entries.append(_Entry(cell, place, close))
        self._close(replaced)

    def close_earlier(self) -> None:
        """Close what an earlier run of the running cell has opened."""
        cell = running_cell()
        self._close([entry for entry in self._entries if cell.is_again(entry.cell)])

    def close_at(self, place: str) -> None:
        """Close what stands at a place, if anything does."""
        self._close([entry for entry in self._entries if entry.place == place])

    def close_all(self) -> None:
        """Close everything, the youngest first."""
        self._close(list(self._entries))

    def _close(self, going: list[_Entry]) -> None:
        self._entries = [entry for entry in self._entries if entry not in going]
        close_all(entry.close for entry in reversed(going))


def closing(thing: Any) -> Close:
    """Return what closes a thing: its stop() or its close(), or itself if it is a function."""
    for name in ("stop", "close"):
        close = getattr(thing, name, None)
        if callable(close):
            return close  # type: ignore[no-any-return]  # of whatever the learner has made
    if callable(thing):
        return thing  # type: ignore[no-any-return]
    raise UsageError(
        "This cannot be closed",
        expected="something with stop() or close(), or a function that closes it",
        found=f"{type(thing).__name__} {shown(thing)}",
        remedy="Pass a function: lab.keep(lambda: server.shutdown()).",
    )
