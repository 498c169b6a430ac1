"""Functions with regular expressions, in Java's syntax as ksqlDB's are.

Python's syntax is nearly the same; what differs is written anew, and what Python has not (classes
within classes, `\\p{L}`) is refused, which makes the value NULL. An expression that backtracks for
ever, such as `(a+)+b`, cannot be stopped: neither can it be in Java.
Source: ksqlDB's reference, "Scalar functions"; java.util.regex.Pattern.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from eventlab.sql.functions.declaring import scalar

# Java's names of classes, by what stands for them within brackets. Those of ASCII alone.
_CLASSES = {
    "Lower": "a-z",
    "Upper": "A-Z",
    "ASCII": r"\x00-\x7F",
    "Alpha": "a-zA-Z",
    "Digit": "0-9",
    "Alnum": "a-zA-Z0-9",
    "Punct": r"!-/:-@\[-`{-~",
    "Graph": "!-~",
    "Print": " -~",
    "Blank": r" \t",
    "Cntrl": r"\x00-\x1F\x7F",
    "XDigit": "0-9a-fA-F",
    "Space": r" \t\n\x0B\f\r",
    "h": r" \t\xA0",
}
_OUTSIDE = {r"\z": r"\Z", r"\Z": r"(?=\n?\Z)", r"\R": r"(?:\r\n|[\n\x0B\f\r])", r"\e": r"\x1B"}
_PART = re.compile(r"\\Q.*?(?:\\E|$)|\\p\{\w+\}|\\.|\(\?<(?![=!])|&&|[\[\]]|.", re.DOTALL)
_REFERENCE = re.compile(r"\\(.)|\$(\d)(\d*)|\$\{(\w+)\}|([$\\])|([^$\\]+)", re.DOTALL)


class _Group(NamedTuple):
    """A group that a replacement refers to."""

    key: int | str


@lru_cache(maxsize=256)
def compiled(pattern: str) -> "re.Pattern[str]":
    """Return an expression that is written as Java has them. Raises ValueError for a wrong one."""
    try:
        return re.compile("".join(_translated(pattern)), re.ASCII)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from None


@scalar(
    "REGEXP_EXTRACT",
    "(pattern STRING, text STRING, group INT?) STRING",
    "Take the first part of a text that an expression matches, or one of its groups.",
)
def extracted(pattern: str, text: str, group: int = 0) -> str | None:
    """Return what is matched, NULL if nothing is or there is no such group."""
    expression = compiled(pattern)
    found = expression.search(text)
    if found is None or group > expression.groups:
        return None
    return found[group]


@scalar(
    "REGEXP_EXTRACT_ALL",
    "(pattern STRING, text STRING, group INT?) ARRAY<STRING>",
    "Take all parts of a text that an expression matches, or one group of each.",
)
def extracted_all(pattern: str, text: str, group: int = 0) -> list[str | None] | None:
    """Return all that is matched, NULL if there is no such group."""
    expression = compiled(pattern)
    if group > expression.groups:
        return None
    return [found[group] for found in expression.finditer(text)]


@scalar(
    "REGEXP_REPLACE",
    "(text STRING, pattern STRING, new STRING) STRING",
    "Put a text for each part that an expression matches; $1 in it is the first group.",
)
def replaced(text: str, pattern: str, new: str) -> str:
    """Return the text with something else wherever the expression matches."""
    expression = compiled(pattern)
    parts = _replacement(new, expression.groups)
    return expression.sub(lambda found: "".join(_filled(part, found) for part in parts), text)


@scalar(
    "REGEXP_SPLIT_TO_ARRAY",
    "(text STRING, pattern STRING) ARRAY<STRING>",
    "Cut a text wherever an expression matches; an empty one cuts everywhere.",
)
def pieces(text: str, pattern: str) -> list[str]:
    """Return what stands between the matches, which is empty where two stand together.

    An expression that matches nothing, too, cuts no empty piece off the start and the end.
    """
    expression = compiled(pattern)
    is_empty = expression.fullmatch("") is not None
    cuts = [one.span() for one in expression.finditer(text) if not is_empty or one.end() > 0]
    starts = [0, *(end for _, end in cuts)]
    ends = [*(start for start, _ in cuts), len(text)]
    found = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    while is_empty and len(found) > 1 and not found[-1]:
        found.pop()
    return found


def _translated(pattern: str) -> list[str]:
    """Return the parts of an expression as Python has them. Raises ValueError."""
    parts = []
    is_class = False
    for part in _PART.findall(pattern):
        if is_class and part in ("[", "&&"):
            raise ValueError(f"{pattern!r} has a class within a class, which is not there")
        if part == "[":
            is_class = True
        elif part == "]":
            is_class = False
        parts.append(_rewritten(part, is_class))
    return parts


def _rewritten(part: str, is_class: bool) -> str:
    if part.startswith(r"\Q"):
        return re.escape(part[2:].removesuffix(r"\E"))
    if part.startswith(r"\p{") or part == r"\h":
        name = part[3:-1] if len(part) > 2 else "h"
        if name not in _CLASSES:
            raise ValueError(f"{part} is not there")
        return _CLASSES[name] if is_class else f"[{_CLASSES[name]}]"
    if part == "(?<":
        return "(?P<"
    return part if is_class else _OUTSIDE.get(part, part)


def _replacement(text: str, groups: int) -> list["str | _Group"]:
    """Return the parts of a replacement: texts, and groups by their number or their name.

    Raises ValueError where a sign stands alone, LookupError where there is no such group.
    """
    parts: list[str | _Group] = []
    for escaped, digit, digits, name, alone, plain in _REFERENCE.findall(text):
        if alone:
            raise ValueError(f"{alone!r} stands alone in {text!r}: write \\{alone}")
        if digit:
            parts += _numbered(digit, digits, groups)
        else:
            parts.append(_Group(name) if name else escaped or plain)
    return parts


def _numbered(digit: str, digits: str, groups: int) -> list["str | _Group"]:
    """Return the group that as many digits as possible name, and the digits that are left."""
    number = int(digit)
    if number > groups:
        raise LookupError(f"There is no group {number}")
    used = 0
    while used < len(digits) and number * 10 + int(digits[used]) <= groups:
        number = number * 10 + int(digits[used])
        used += 1
    return [_Group(number), digits[used:]]


def _filled(part: "str | _Group", found: "re.Match[str]") -> str:
    return part if isinstance(part, str) else found[part.key] or ""
