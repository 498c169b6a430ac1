"""What the running notebook knows of itself: its cell, its parameters, what each cell opened."""

from collections.abc import Callable
from typing import Any

from IPython import get_ipython
from IPython.display import HTML, display


def parameter(name: str, default: Any = None) -> Any:
    """Return a parameter of the notebook, such as SEED, or `default` outside of one."""
    shell = get_ipython()
    return default if shell is None else shell.user_ns.get(name, default)


def running_cell() -> tuple[str | None, int]:
    """Return the id of the running cell (None where the front end tells none) and its count."""
    shell = get_ipython()
    if shell is None or not hasattr(shell, "get_parent"):
        return None, 0
    metadata = shell.get_parent().get("metadata", {})
    return metadata.get("cellId"), shell.execution_count


class Opened:
    """Everything that cells have opened and nobody has closed.

    A cell that runs again, and a thing that takes the place of another (the same `place`), first
    close what was there before: so any cell may be run again at any time.
    """

    def __init__(self):
        self._entries: list[tuple[str | None, int, str | None, Callable[[], None]]] = []

    def add(self, close: Callable[[], None], place: str | None = None) -> None:
        """Remember how to close something, after closing what it replaces."""
        cell, count = running_cell()
        self._close_where(
            lambda entry: (
                (cell is not None and entry[0] == cell and entry[1] != count)
                or (place is not None and entry[2] == place)
            )
        )
        self._entries.append((cell, count, place, close))

    def close_at(self, place: str) -> None:
        """Close what stands at a place, if anything does."""
        self._close_where(lambda entry: entry[2] == place)

    def close_all(self) -> None:
        """Close everything, the youngest first."""
        self._close_where(lambda entry: True)

    def _close_where(self, chosen: Callable[[tuple], bool]) -> None:
        going = [entry for entry in self._entries if chosen(entry)]
        self._entries = [entry for entry in self._entries if entry not in going]
        for *_, close in reversed(going):
            close()

    def __len__(self) -> int:
        return len(self._entries)


class Progress:
    """Show in the notebook what is fetched and made before a first start, and nothing otherwise."""

    def __init__(self):
        self._handle = None

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_error) -> None:
        if self._handle is not None:
            self._handle.update(HTML(""))

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show that `done` of `total` of something is there."""
        text = HTML(f"Once only: {what} <progress value={done} max={total}></progress>")
        if self._handle is None:
            self._handle = display(text, display_id=True)
        else:
            self._handle.update(text)
