"""Damage the bytes of an event, in ways that readers of a real log meet."""

import msgspec


def damaged(value: bytes, size: float) -> tuple[str, bytes]:
    """Return the reason, and bytes that no reader of the contract can decode.

    `size`, from 0 up to and without 1, chooses the way, and how much is left of what is truncated.
    """
    way, share = divmod(size * len(_WAYS), 1)
    reason, damage = _WAYS[int(way)]
    return reason, damage(value, share)


def _truncated(value: bytes, share: float) -> bytes:
    return value[: 1 + int(share * (len(value) - 1))]


def _in_another_encoding(value: bytes, _: float) -> bytes:
    return value.decode().encode("utf-16-le")


def _without_its_id(value: bytes, _: float) -> bytes:
    fields = msgspec.json.decode(value)
    del fields["event_id"]
    return msgspec.json.encode(fields)


def _without_time_zone(value: bytes, _: float) -> bytes:
    fields = msgspec.json.decode(value)
    return msgspec.json.encode(fields | {"at": fields["at"].removesuffix("Z")})


_WAYS = (
    ("truncated", _truncated),
    ("another encoding", _in_another_encoding),
    ("no event id", _without_its_id),
    ("no time zone", _without_time_zone),
)
