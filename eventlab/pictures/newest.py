"""A dict that cannot grow for ever: of more than so many keys it keeps those that came last."""

from collections import OrderedDict
from typing import TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Newest(OrderedDict[Key, Value]):
    """A dict of at most `keep` keys; the one that was set longest ago makes room for a new one."""

    def __init__(self, keep: int) -> None:
        super().__init__()
        self._keep = keep

    def __setitem__(self, key: Key, value: Value) -> None:
        super().__setitem__(key, value)
        self.move_to_end(key)
        if len(self) > self._keep:
            self.popitem(last=False)
