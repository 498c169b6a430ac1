"""The exercises, one module for each chapter, found by number: `01.2` is `ch01.check_2`.

A check takes the learner's answer, and what else it needs, as plain data. It returns why the answer
is right, or raises Wrong with a sentence that helps. It need not guard against odd answers: what
its annotations do not allow never reaches it, and what it raises otherwise becomes a sentence that
says what it takes.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from inspect import Parameter, signature

from eventlab.errors import ChapterError, shown
from eventlab.kinds import kind_of


class Wrong(Exception):
    """Tell that an answer is wrong; the message helps on, and does not give the answer away."""


@dataclass(frozen=True)
class Check:
    """Judge the answers to one exercise; `takes` names their form in a noun phrase."""

    judge: Callable[..., str]
    takes: str

    def __call__(self, *answer: object, **given: object) -> str:
        """Return why an answer is right; raise Wrong if it is not, and anything if it is odd."""
        return self.judge(*answer, **given)

    def misfit(self, number: str, answer: Sequence[object], given: Mapping[str, object]) -> str:
        """Return what does not fit the check's signature, and what to do; "" if all of it fits."""
        parameters = signature(self.judge).parameters.values()
        by_place = [one for one in parameters if one.kind is not one.KEYWORD_ONLY]
        others = [one for one in parameters if one not in by_place[: len(answer)]]
        known = [one.name for one in others]
        missing = [one.name for one in others if one.default is one.empty and one.name not in given]
        found = [f"{name} is missing" for name in missing]
        found += [f"there is no {name}" for name in given if name not in known]
        if len(answer) > len(by_place):
            found.append(f"there are {len(answer)} answers in place of {len(by_place)}")
        if not found:
            return self._odd(answer, given)
        names = [one.name if one in by_place else f"{one.name}=..." for one in parameters]
        call = ", ".join([f'"{number}"', *names])
        return f"Expected {self.takes}: lab.check({call}). Found that {' and '.join(found)}."

    def _odd(self, answer: Sequence[object], given: Mapping[str, object]) -> str:
        parameters = signature(self.judge).parameters
        for name, found in {**dict(zip(parameters, answer, strict=False)), **given}.items():
            annotation = parameters[name].annotation
            if annotation is Parameter.empty:
                continue
            if not kind_of(annotation, self.judge.__globals__).takes(found):
                return (
                    f"Expected {self.takes}. Found {shown(found)} ({type(found).__name__})"
                    f" for {name}: give it in that form, and run the cell again."
                )
        return ""


def takes(form: str) -> Callable[[Callable[..., str]], Check]:
    """Make a function the check of an exercise whose answers have this form."""

    def made(judge: Callable[..., str]) -> Check:
        return Check(judge, form)

    return made


def find(exercise: object) -> Check:
    """Return the check of an exercise by its number ("01.2"); ChapterError if there is none."""
    match = re.fullmatch(r"(\d\d)\.(\d+)", exercise) if isinstance(exercise, str) else None
    check = _check_of(match[1], match[2]) if match else None
    if check is None:
        raise ChapterError(
            "There is no such exercise",
            expected="a number as it stands in the chapter, such as '01.1'",
            found=shown(exercise),
            remedy="Copy the number from the exercise's heading.",
        )
    return check


def _check_of(chapter: str, number: str) -> Check | None:
    module = f"eventlab.course.ch{chapter}"
    if not find_spec(module):
        return None
    check = getattr(import_module(module), f"check_{number}", None)
    return check if isinstance(check, Check) else None
