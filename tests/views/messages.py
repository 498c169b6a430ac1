"""Messages as they come out of a partition, made by hand."""

from typing import Any


class Message:
    """What a consumer gives, as far as it is looked at."""

    def __init__(self, partition: int, offset: int, value: bytes | None, key: bytes | None):
        self._parts = (partition, offset, value, key)

    def topic(self) -> str:
        return "orders"

    def partition(self) -> int:
        return self._parts[0]

    def offset(self) -> int:
        return self._parts[1]

    def value(self) -> bytes | None:
        return self._parts[2]

    def key(self) -> bytes | None:
        return self._parts[3]

    def timestamp(self) -> tuple[int, int]:
        return 1, 1000

    def headers(self) -> None:
        return None

    def error(self) -> None:
        return None


def message(partition: int, offset: int, value: bytes | None, key: bytes | None = None) -> Any:
    """Return a message."""
    return Message(partition, offset, value, key)
