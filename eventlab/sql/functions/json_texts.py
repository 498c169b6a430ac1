"""Functions of texts that are JSON.

What cannot be read makes the value NULL; what stands behind the first value is not looked at.
Numbers keep their digits. Source: ksqlDB's reference, "Scalar functions".
"""

import json
import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

from eventlab.sql.functions.declaring import scalar

_BLANKS = " \t\n\r"
_STEP = re.compile(r"""\.([^.\[\]]+)|\[(\d+)\]|\[(?:"([^"]*)"|'([^']*)')\]""")
_MOST_ZEROS = 1000  # in front of a number that is written out


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_number)


def parsed(text: str) -> Any:
    """Return the value that a text begins with. Raises ValueError."""
    start = len(text) - len(text.lstrip(_BLANKS))
    try:
        value, end = _DECODER.raw_decode(text, start)
    except RecursionError:
        raise ValueError("The JSON is nested too deeply") from None
    has_end = text[end - 1] in '"]}' or text[end : end + 1].strip(_BLANKS) == ""
    if not has_end:
        raise ValueError(f"{text[start : end + 1]!r} is no JSON")
    if "\\u" in text:
        written(value).encode()  # half a letter can be escaped, but never written as UTF-8
    return value


def written(value: Any) -> str:
    """Return a value that was parsed as JSON without blanks. Raises ValueError."""
    try:
        return _json(value)
    except RecursionError:
        raise ValueError("The JSON is nested too deeply") from None


def _json(value: Any) -> str:
    if isinstance(value, dict):
        fields = (f"{_json(name)}:{_json(one)}" for name, one in value.items())
        return f"{{{','.join(fields)}}}"
    if isinstance(value, list):
        return f"[{','.join(map(_json, value))}]"
    if isinstance(value, Decimal):
        return f"{value:f}" if abs(value.adjusted()) < _MOST_ZEROS else str(value)
    return json.dumps(value, ensure_ascii=False)


@scalar("IS_JSON_STRING", "(text STRING) BOOLEAN", "Tell whether a text is JSON.", takes_null=True)
def is_json(text: str | None) -> bool:
    """Return whether the text can be read, False for NULL."""
    try:
        parsed(text or "")
    except ValueError:
        return False
    return True


@scalar(
    "EXTRACTJSONFIELD",
    "(text STRING, path STRING) STRING",
    "Take what stands at a path such as $.a.b[0] in a JSON text.",
)
def extracted(text: str, path: str) -> str | None:
    """Return a text as it is, anything else as JSON; NULL if nothing is there.

    Raises ValueError for what is no JSON, and for what is no path.
    """
    if not text.strip(_BLANKS):
        return None
    value = parsed(text)
    for step in _steps(path):
        try:
            value = value[int(step)] if isinstance(value, list) else _field(value, step)
        except (LookupError, ValueError):
            return None
    return _shown(value)


@scalar("JSON_ARRAY_LENGTH", "(text STRING) INT", "Count the values of a JSON array.")
def array_length(text: str) -> int | None:
    """Return how many values there are, NULL if it is no array."""
    value = parsed(text)
    return len(value) if isinstance(value, list) else None


@scalar(
    "JSON_ARRAY_CONTAINS",
    "(text STRING, value T) BOOLEAN",
    "Tell whether a JSON array has a value of the same type in it.",
    takes_null=True,
)
def array_contains(text: str | None, value: Any) -> bool | None:
    """Return whether one of the values is this one; NULL is among them if there is a null."""
    if text is None:
        return None
    try:
        items = parsed(text)
    except ValueError:
        return False
    return isinstance(items, list) and any(_is_same(item, value) for item in items)


@scalar("JSON_CONCAT", "(texts... STRING) STRING", "Put JSON objects, or arrays, together to one.")
def concatenated(*texts: str) -> str | None:
    """Return an object if all are objects, the later value of a name counting; else an array."""
    if not all(text.strip(_BLANKS) for text in texts):
        return None
    values = [parsed(text) for text in texts]
    if all(isinstance(value, dict) for value in values):
        return written({name: one for value in values for name, one in value.items()})
    lists = [value if isinstance(value, list) else [value] for value in values]
    return written([item for items in lists for item in items])


@scalar("JSON_ITEMS", "(text STRING) ARRAY<STRING>", "Take each value of a JSON array, as JSON.")
def items(text: str) -> list[str]:
    """Return each value as JSON. Raises ValueError if it is no array."""
    value = parsed(text)
    if not isinstance(value, list):
        raise ValueError(f"{text!r} is no JSON array")
    return [written(item) for item in value]


@scalar("JSON_KEYS", "(text STRING) ARRAY<STRING>", "Take the names in a JSON object.")
def keys(text: str) -> list[str] | None:
    """Return the names in their order, NULL if it is no object."""
    value = parsed(text) if text.strip(_BLANKS) else None
    return list(value) if isinstance(value, dict) else None


@scalar(
    "JSON_RECORDS",
    "(text STRING) MAP<STRING, STRING>",
    "Take the names in a JSON object, and the values as JSON.",
)
def records(text: str) -> dict[str, str] | None:
    """Return a text as it is, anything else as JSON, by name; NULL if it is no object."""
    value = parsed(text) if text.strip(_BLANKS) else None
    if not isinstance(value, dict):
        return None
    return {name: _shown(one) for name, one in value.items()}


@lru_cache(maxsize=256)
def _steps(path: str) -> tuple[str, ...]:
    """Return the names and numbers of a path. Raises ValueError."""
    if not re.fullmatch(rf"\$(?:{_STEP.pattern})*", path):
        raise ValueError(f"{path!r} is no path such as $.a.b[0]")
    return tuple("".join(groups) for groups in _STEP.findall(path))


def _field(value: Any, name: str) -> Any:
    if not isinstance(value, dict):
        raise LookupError(name)
    return value[name]


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else written(value)


def _is_same(item: Any, value: Any) -> bool:
    """Tell whether a value of JSON is one of SQL: 1 is not 1.0, and neither of them is true."""
    if isinstance(item, Decimal):
        return isinstance(value, float) and float(item) == value
    return type(item) is type(value) and bool(item == value)
