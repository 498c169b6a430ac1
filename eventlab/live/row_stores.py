"""Where rows are held, with those that nobody has taken yet: the newest, or one for each key."""

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol

Row = tuple[Any, ...]
_Name = tuple[Any, bool]


class Taken(NamedTuple):
    """What nobody had taken: rows that came, keys that went; or these rows are all there is."""

    came: list[Row]
    gone: list[Any]
    everything: bool


class Store(Protocol):
    """Rows that come and go; not safe between threads."""

    def add(self, rows: Iterable[Row]) -> None:
        """Take rows in."""

    def clear(self) -> None:
        """Let all rows go."""

    def rows(self) -> list[Row]:
        """Return all rows."""

    def take(self) -> Taken | None:
        """Return what changed since the last take, None for nothing."""

    def __len__(self) -> int:
        """Return how many rows there are."""


class Newest:
    """The newest `keep` rows, in the order in which they came."""

    def __init__(self, keep: int) -> None:
        self._held: deque[Row] = deque(maxlen=keep)
        self._fresh: deque[Row] = deque(maxlen=keep)
        self._everything = False

    def __len__(self) -> int:
        return len(self._held)

    def add(self, rows: Iterable[Row]) -> None:
        """Append rows."""
        listed = list(rows)
        self._held.extend(listed)
        self._fresh.extend(listed)

    def clear(self) -> None:
        """Let all rows go."""
        self._held.clear()
        self._fresh.clear()
        self._everything = True

    def rows(self) -> list[Row]:
        """Return all rows."""
        return list(self._held)

    def take(self) -> Taken | None:
        """Return what changed since the last take, None for nothing."""
        if not self._fresh and not self._everything:
            return None
        taken = Taken(list(self._fresh), [], self._everything)
        self._fresh.clear()
        self._everything = False
        return taken


class ByKey:
    """One row for each key, of `keep` keys at the most: the one that changed last at the end."""

    def __init__(self, keep: int, key_of: Callable[[Row], Any]) -> None:
        self._keep = keep
        self._key_of = key_of
        self._held: OrderedDict[_Name, Row] = OrderedDict()  # its first is found at once
        self._fresh: dict[_Name, Row | None] = {}  # None: it went, and nobody has taken that yet
        self._everything = False

    def __len__(self) -> int:
        return len(self._held)

    def add(self, rows: Iterable[Row]) -> None:
        """Let each row take the place of the one with its key."""
        for row in rows:
            name = _name_of(self._key_of(row))
            for kept in (self._held, self._fresh):
                kept.pop(name, None)
            self._held[name] = row
            self._fresh[name] = row
            if len(self._held) > self._keep:
                self._remove(next(iter(self._held)))

    def remove(self, key: Any) -> None:
        """Let the row with a key go; one that is not there is no error."""
        self._remove(_name_of(key))

    def clear(self) -> None:
        """Let all rows go."""
        self._held.clear()
        self._fresh.clear()
        self._everything = True

    def rows(self) -> list[Row]:
        """Return all rows."""
        return list(self._held.values())

    def take(self) -> Taken | None:
        """Return what changed since the last take, None for nothing."""
        if not self._fresh and not self._everything:
            return None
        came = [row for row in self._fresh.values() if row is not None]
        gone = [key for (key, _), row in self._fresh.items() if row is None]
        taken = Taken(came, gone, self._everything)
        self._fresh.clear()
        self._everything = False
        return taken

    def _remove(self, name: "_Name") -> None:
        if self._held.pop(name, None) is not None:
            self._fresh[name] = None
            self._bound_what_is_fresh()

    def _bound_what_is_fresh(self) -> None:
        # While nobody takes, keys that went would gather for ever: all there is says the same.
        if len(self._fresh) > 2 * self._keep:
            self._fresh.clear()
            self._fresh.update(self._held)
            self._everything = True


def _name_of(key: Any) -> _Name:
    # To Python True is the number 1; to a page, and to whoever looks at it, it is another key.
    return key, isinstance(key, bool)
