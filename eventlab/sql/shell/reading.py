"""When a text that is typed line by line is whole, and where an error stands in it."""

import re

# What a semicolon may stand in without ending a statement.
_INSIDE = re.compile(r"'(?:[^']|'')*'|`[^`]*`|\"[^\"]*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
_BEGUN = re.compile(r"['`\"]|/\*")


def is_whole(text: str) -> bool:
    """Tell whether a text ends where a statement does."""
    rest = _INSIDE.sub("", text)
    return _BEGUN.search(rest) is None and rest.rstrip().endswith(";")


def with_caret(text: str, position: tuple[int, int] | None) -> str:
    """Return the line of a statement in which an error stands, with a caret under it."""
    if position is None:
        return ""
    number, column = position
    lines = text.splitlines()
    if not 1 <= number <= len(lines):
        return ""
    return f"  {lines[number - 1]}\n  {' ' * (column - 1)}^"
