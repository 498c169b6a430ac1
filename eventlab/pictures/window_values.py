"""What the windows of a picture hold, added up over their keys, and never more than so many."""

Place = tuple[int, int]  # a window's start and end, in milliseconds since 1970


class WindowValues:
    """Hold a value for each key of each window, `keep` values at the most.

    Where there are more, the earliest windows leave, and stay away. Of a window that is alone and
    has more keys than that, the values of the first ones count. Not safe between threads.
    """

    def __init__(self, keep: int) -> None:
        self._keep = keep
        self._windows: dict[Place, dict[str, float]] = {}
        self._count = 0
        self._left_until: Place | None = None

    def __len__(self) -> int:
        return self._count

    @property
    def places(self) -> list[Place]:
        """Return the windows that are held."""
        return list(self._windows)

    def put(self, place: Place, key: str, value: float | None) -> list[Place]:
        """Take a value in, None to take it away; return the windows that left to make room."""
        if self._left_until is not None and place <= self._left_until:
            return []
        values = self._windows.setdefault(place, {})
        before = len(values)
        if value is None:
            values.pop(key, None)
        elif key in values or before < self._keep:
            values[key] = value
        self._count += len(values) - before
        return self._make_room()

    def total(self, place: Place) -> float:
        """Return what a window's values add up to, 0 for one that is not held."""
        return sum(self._windows.get(place, {}).values())

    def _make_room(self) -> list[Place]:
        if self._count <= self._keep:
            return []
        leaving = []
        # Several at once, so that not each new value sorts them all.
        for place in sorted(self._windows)[:-1]:
            if self._count <= self._keep * 3 // 4:
                break
            self._count -= len(self._windows.pop(place))
            self._left_until = place
            leaving.append(place)
        return leaving
