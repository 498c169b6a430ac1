"""The exercises, one module for each chapter, found by number: `01.2` is `ch01.check_2`.

A check takes the learner's answer, and what else it needs, as plain data. It returns why the answer
is right, or raises Wrong with a sentence that helps. It need not guard against odd answers: what
it raises otherwise is turned into a sentence that says what it takes.
"""

import re
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec

from eventlab.errors import ChapterError

Check = Callable[..., str]


class Wrong(Exception):
    """Tell that an answer is wrong; the message helps on, and does not give the answer away."""


def takes(form: str) -> Callable[[Check], Check]:
    """Note in one noun phrase the form of answer that a check takes."""

    def note(check: Check) -> Check:
        check.takes = form
        return check

    return note


def find(exercise: str) -> Check:
    """Return the check of an exercise by its number ("01.2"); ChapterError if there is none."""
    match = re.fullmatch(r"(\d\d)\.(\d+)", str(exercise))
    chapter, number = match.groups() if match else ("", "")
    module = f"{__name__}.ch{chapter}"
    check = getattr(import_module(module), f"check_{number}", None) if find_spec(module) else None
    if check is None:
        raise ChapterError(
            "There is no such exercise",
            expected="a number as it stands in the chapter, such as '01.1'",
            found=repr(exercise),
        )
    return check
