"""Statements of Flink's SQL, one from the next: its gateway takes them one at a time."""

import re

# A text, a name in backticks, a comment, or one letter: a semicolon is none of the first three.
_PIECE = re.compile(r"'(?:[^']|'')*'|`[^`]*`|--[^\n]*|/\*.*?\*/|.", re.DOTALL)
_SET_BEGINS = re.compile(r"\bSTATEMENT\s+SET\s+BEGIN\b", re.IGNORECASE)
_SET_ENDS = re.compile(r"\s*END\s*", re.IGNORECASE)


def split(text: str) -> list[str]:
    """Return the statements of a text, without their semicolons and without comments alone.

    A set of statements, from BEGIN to END, is one.

    Examples:
        >>> split("SELECT ';'; SHOW TABLES;")
        ["SELECT ';'", 'SHOW TABLES']
    """
    statements: list[str] = []
    current = ""
    for piece in [*_PIECE.findall(text), ";"]:
        if piece != ";" or _is_within_set(current):
            current += piece
        else:
            statements.append(current.strip())
            current = ""
    return [one for one in [*statements, current.strip()] if _says_something(one)]


def _is_within_set(text: str) -> bool:
    """Tell whether a set of statements has begun, and its END has not come."""
    return bool(_SET_BEGINS.search(text)) and not _SET_ENDS.fullmatch(text.split(";")[-1])


def _says_something(statement: str) -> bool:
    pieces = _PIECE.findall(statement)
    return any(not one.startswith(("--", "/*")) and not one.isspace() for one in pieces)
