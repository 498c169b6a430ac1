"""A dict that cannot grow for ever: of more than so many keys it keeps those that came last."""

from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Newest(dict[Key, Value]):
    """A dict of at most `keep` keys; the one that was set longest ago makes room for a new one."""

    def __init__(self, keep: int) -> None:
        super().__init__()
        self._keep = keep

    def __setitem__(self, key: Key, value: Value) -> None:
        self.pop(key, None)
        super().__setitem__(key, value)
        if len(self) > self._keep:
            del self[next(iter(self))]
