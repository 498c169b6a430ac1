"""Between an event and the bytes on the wire: JSON, held to the contract when it is read."""

import re
from functools import lru_cache
from types import UnionType
from typing import Union

import msgspec

from eventlab.errors import EventError, UsageError
from eventlab.events.contracts import CONTRACTS, Event

Contract = type[Event] | UnionType

_to_json = msgspec.json.Encoder().encode

# How msgspec words a broken contract; the tests hold these against the installed version.
_PATH = re.compile(r" - at `\$\.?(?P<field>.*)`$")
_MISSING = re.compile(r"missing required field `(?P<field>\w+)`")
_MISMATCH = re.compile(r"Expected (?P<expected>.+), got (?P<found>.+)")
_EXPECTED = re.compile(r"Expected (?P<expected>.+)")


def encode(event: Event) -> bytes:
    """Return an event as it travels: JSON, with its name in the field `type`.

    Raises EventError, naming the field, for what JSON cannot say. Whether each field is of its
    type is checked where the event is read.
    """
    try:
        return _to_json(event)
    except (TypeError, ValueError, OverflowError) as error:
        raise _unsayable(event, error) from None


def decode(value: bytes, contract: Contract | None = None) -> Event:
    """Return the event in a value, held to its contract; fields beyond the contract are let pass.

    `contract` is one of the contracts, or several as `Order | Payment`; by default any of them.
    Raises EventError, naming the field, when the value is no JSON or breaks its contract.
    """
    decoder = _decoder(contract)
    try:
        return decoder.decode(value)
    except msgspec.ValidationError as error:
        raise _broken_contract(str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, TypeError) as error:
        raise EventError(
            "a message cannot be read",
            expected="an event as JSON",
            found=f"{value!r:.60} ({error})",
        ) from None


@lru_cache(maxsize=64)
def _decoder(contract: Contract | None) -> msgspec.json.Decoder:
    try:
        return msgspec.json.Decoder(contract or Union[CONTRACTS])  # noqa: UP007  a tuple has no `|`
    except TypeError as error:
        raise UsageError(
            "cannot decode by this contract",
            expected="an event's class, such as Order, or several: Order | Payment",
            found=f"{contract!r} ({error})",
        ) from None


def _broken_contract(reason: str) -> EventError:
    path, missing = _PATH.search(reason), _MISSING.search(reason)
    field = ".".join(match["field"] for match in (path, missing) if match and match["field"])
    return EventError(
        f"an event breaks its contract in the field '{field}'" if field else "a value is no event",
        **_expected_and_found(_PATH.sub("", reason).replace("`", "")),
    )


def _expected_and_found(reason: str) -> dict[str, str]:
    match = _MISMATCH.match(reason) or _EXPECTED.match(reason)
    return match.groupdict() if match else {"found": reason[0].lower() + reason[1:]}


def _unsayable(event: Event, error: Exception) -> EventError:
    fields = getattr(event, "__struct_fields__", ())
    field = next((name for name in fields if not _is_sayable(getattr(event, name))), None)
    return EventError(
        f"{type(event).__name__} cannot be sent"
        + (f" because of its field '{field}'" if field else ""),
        expected="an event whose fields are text, numbers, timestamps or lists of them",
        found=str(error),
    )


def _is_sayable(value: object) -> bool:
    try:
        _to_json(value)
    except (TypeError, ValueError, OverflowError):
        return False
    return True
