"""Between an event and the bytes on the wire: JSON, held to the contract when it is read."""

import re
from datetime import datetime, timedelta
from functools import lru_cache
from types import UnionType
from typing import Any, Union

import msgspec

from eventlab.arguments import is_missing
from eventlab.errors import EventError, UsageError, shown
from eventlab.events.contracts import CONTRACTS, Event

Contract = type[Event] | UnionType


def json_value(value: Any) -> Any:
    """Return what NumPy and pandas hold as JSON has it; raise TypeError for anything else.

    It is what `msgspec` asks about types that it does not know; what is missing becomes None.
    """
    if is_missing(value):
        return None
    if isinstance(value, datetime) and hasattr(value, "to_pydatetime"):
        return value.to_pydatetime(warn=False)
    if isinstance(value, timedelta) and hasattr(value, "to_pytimedelta"):
        return value.to_pytimedelta()
    kind = getattr(getattr(value, "dtype", None), "kind", "")
    if kind in ("M", "m"):  # in finer units `tolist` would make bare numbers of them
        return value.astype(f"{kind}8[us]").tolist()
    if kind:
        return value.tolist()
    raise TypeError(f"Encoding objects of type {type(value).__name__} is unsupported")


_to_json = msgspec.json.Encoder(enc_hook=json_value).encode

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
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise _unsayable(event, error) from None


def decode(value: bytes, contract: Contract | None = None) -> Event:
    """Return the event in a value, held to its contract; fields beyond the contract are let pass.

    `contract` is one of the contracts, or several as `Order | Payment`; by default any of them.
    Raises EventError, naming the field, when the value is no JSON or breaks its contract.
    """
    if contract is not None and not isinstance(contract, type | UnionType):
        raise _no_contract(contract, "neither a class nor several")
    try:
        decoder = _decoder(contract)
    except TypeError as error:
        raise _no_contract(contract, str(error)) from None
    try:
        return decoder.decode(value)
    except msgspec.ValidationError as error:
        raise _broken_contract(str(error)) from None
    except (msgspec.DecodeError, UnicodeError, TypeError) as error:
        raise EventError(
            "a message cannot be read",
            expected="an event as JSON",
            found=f"{shown(value)} ({error})",
            remedy="Set it apart: lab.read and the operators do so with what cannot be decoded.",
        ) from None


@lru_cache(maxsize=64)
def _decoder(contract: Contract | None) -> "msgspec.json.Decoder[Event]":
    return msgspec.json.Decoder(contract or Union[CONTRACTS])  # noqa: UP007  a tuple has no `|`


def _no_contract(found: object, reason: str) -> UsageError:
    return UsageError(
        "cannot decode by this contract",
        expected="an event's class, such as Order, or several: Order | Payment",
        found=f"{shown(found)} ({reason})",
        remedy="Pass for example decode(value, Order | Payment), or no contract for any event.",
    )


def _broken_contract(reason: str) -> EventError:
    field = _field_of(reason)
    facts = _expected_and_found(_PATH.sub("", reason).replace("`", ""))
    return EventError(
        f"an event breaks its contract in the field '{field}'" if field else "a value is no event",
        expected=facts.get("expected", "what its contract says"),
        found=facts.get("found", "something else"),
        remedy="Correct whoever sent it, or read it by the contract that it keeps.",
    )


def _field_of(reason: str) -> str:
    """Return the path of the field that a reason of msgspec names, "" if it names none."""
    matches = [_PATH.search(reason), _MISSING.search(reason)]
    return ".".join(match["field"] for match in matches if match and match["field"])


def _expected_and_found(reason: str) -> dict[str, str]:
    match = _MISMATCH.match(reason) or _EXPECTED.match(reason)
    return match.groupdict() if match else {"found": reason[0].lower() + reason[1:]}


def _unsayable(event: Event, error: Exception) -> EventError:
    fields = getattr(event, "__struct_fields__", ())
    field = next((name for name in fields if not _is_sayable(getattr(event, name))), None)
    reason = f" because of its field '{field}'" if field else ""
    return EventError(
        f"{type(event).__name__} cannot be sent{reason}",
        expected="an event whose fields are text, numbers, timestamps or lists of them",
        found=str(error),
        remedy="Give the field a value that JSON can hold.",
    )


def _is_sayable(value: object) -> bool:
    try:
        _to_json(value)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return False
    return True
