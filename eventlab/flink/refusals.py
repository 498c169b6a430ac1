"""What Flink's gateway answers to a statement that it does not run, as one error without a stack.

It sends the stack of an exception and of its causes. What a person can use is the innermost message
and the place that one of them names.
"""

import re
from collections.abc import Iterator

from eventlab.errors import SqlError

_PLACE = re.compile(r"(?:[Ff]rom|at) line (\d+), column (\d+)")
_CAUSE = re.compile(r"(?:Caused by: )?[\w$]+(?:\.[\w$]+)+(?:: (.*))?")
_FRAME = re.compile(r"\t(?:at |\.\.\. )")
# The parser's list of all words that would be possible, which is long and helps nobody.
_LIST = "Was expecting"
_END = "End of exception on server side"
_LETTERS = 400


def refusal(stack: str, statement: str) -> SqlError:
    """Return the error of a statement; `stack` is what the gateway says."""
    places = [(int(line), int(column)) for line, column in _PLACE.findall(stack)]
    known = [place for place in places if place[0] > 0]
    error = SqlError(
        "Apache Flink does not run this statement",
        expected="a statement of Flink's SQL on what is there",
        found=innermost_message(stack),
        remedy="Correct it. SHOW TABLES and DESCRIBE say what there is.",
        position=known[-1] if known else None,
    )
    error.text = statement
    return error


def innermost_message(stack: str) -> str:
    """Return the message of the last cause that has one, in one line."""
    messages = [message for message in _messages(stack) if message not in ("", "null")]
    return messages[-1][:_LETTERS] if messages else "no reason"


def _messages(stack: str) -> Iterator[str]:
    """Yield what each exception says, from the outermost on."""
    lines: list[str] = []
    for line in [*stack.splitlines(), "Caused by: the.End"]:
        cause = _CAUSE.fullmatch(line)
        if cause is not None:
            yield _in_one_line(lines)
            lines = [cause[1] or ""]
        elif not _FRAME.match(line):
            lines.append(line)


def _in_one_line(lines: list[str]) -> str:
    text = " ".join("\n".join(lines).partition(_LIST)[0].partition(_END)[0].split())
    return text.removesuffix(".")
