"""The places of a table that shows some of its rows: which key stands where."""

from collections.abc import Iterable
from itertools import islice


class Places:
    """Say which key stands where: a new one takes a free place, or that touched longest ago.

    Those that are known from the start have the first places, and keep them.
    """

    def __init__(self, most: int, kept: Iterable[str] = ()) -> None:
        self._kept = {key: place for place, key in enumerate(islice(kept, most))}
        self._free = list(range(most - 1, len(self._kept) - 1, -1))
        self._at: dict[str, int] = {}  # in the order in which they were touched
        self._keys = {place: key for key, place in self._kept.items()}

    def take(self, key: str) -> int | None:
        """Return the place of a key; None where all places are kept for others."""
        if key in self._kept:
            return self._kept[key]
        place = self._at.pop(key, None)
        if place is None and not self._free and not self._at:
            return None
        if place is None:
            place = self._free.pop() if self._free else self._at.pop(next(iter(self._at)))
        self._at[key] = place
        self._keys[place] = key
        return place

    def free(self, key: str) -> int | None:
        """Give the place of a key to others, and return it; None if it has none."""
        if key in self._kept:
            return self._kept[key]
        place = self._at.pop(key, None)
        if place is not None:
            del self._keys[place]
            self._free.append(place)
        return place

    def place_of(self, key: str) -> int | None:
        """Return the place of a key, None if it has none."""
        return self._kept.get(key, self._at.get(key))

    def key_at(self, place: int) -> str | None:
        """Return the key that stands at a place, None if none does."""
        return self._keys.get(place)
