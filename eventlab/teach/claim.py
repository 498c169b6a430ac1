"""A claim: a sentence that this very run bore out, or did not, with its evidence."""

import math
import re
from collections.abc import Mapping
from dataclasses import KW_ONLY, asdict, dataclass, field
from typing import Any

import numpy

from eventlab.errors import UsageError
from eventlab.teach.line import Figure, Line, number_text

CLAIM_MIMETYPE = "application/vnd.eventlab.claim+json"


@dataclass(frozen=True)
class Claim:
    """State what this run showed, and show it as one line.

    `claim` is the chapter's number and a name ("01.order"). `holds` must be computed: a bool of
    Python or numpy. `figures` are the plain numbers and strings that decided it, each under a name
    with its unit; `inequality` says in words what had to be true of them. `broken` tells that the
    claim's condition was removed on purpose, so that it ought not to hold. Anything else raises
    UsageError. The output carries all of it as JSON, from where the ledger collects it.
    """

    claim: str
    sentence: str
    _: KW_ONLY
    holds: bool
    figures: Mapping[str, Figure] = field(default_factory=dict)
    inequality: str = ""
    broken: bool = False
    seed: int | None = None
    versions: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self):
        _require_name(self.claim)
        _require_sentence(self.sentence)
        plain = {
            "holds": _plain_verdict(self.holds),
            "broken": _plain_verdict(self.broken),
            "figures": {str(name): _plain(name, value) for name, value in self.figures.items()},
            "seed": None if self.seed is None else _plain("seed", self.seed),
            "versions": dict(self.versions),
        }
        for name, value in plain.items():
            object.__setattr__(self, name, value)

    @property
    def chapter(self) -> str:
        """Return the chapter's number as it stands in the claim's name."""
        return self.claim.partition(".")[0]

    def as_dict(self) -> dict[str, Any]:
        """Return the claim as it stands in the ledger: plain values only."""
        return {"chapter": self.chapter, **asdict(self)}

    def _repr_mimebundle_(self, include=None, exclude=None) -> dict[str, Any]:
        details = [f"{name.replace('_', ' ')} {number_text(n)}" for name, n in self.figures.items()]
        details += [f"needed {self.inequality}"] if self.inequality else []
        tone = "good" if self.holds else "bad"
        line = Line(tone, self._word(), self.sentence, tuple(details))
        return {**line.mimebundle, CLAIM_MIMETYPE: self.as_dict()}

    def _word(self) -> str:
        verdict = "Holds" if self.holds else "Does not hold"
        return f"{verdict}, broken on purpose" if self.broken else verdict


def _require_name(claim: str) -> None:
    if not (isinstance(claim, str) and re.fullmatch(r"[\w-]+\.[\w-]+", claim)):
        raise UsageError(
            "A claim needs a name",
            expected="the chapter's number and a name, such as '01.order'",
            found=repr(claim),
        )


def _require_sentence(sentence: str) -> None:
    if not (isinstance(sentence, str) and sentence.strip()):
        raise UsageError("A claim needs a sentence that can be true or false", found=repr(sentence))


def _plain_verdict(holds: object) -> bool:
    if isinstance(holds, bool | numpy.bool):
        return bool(holds)
    raise UsageError(
        "A claim holds or does not hold",
        expected="True or False, computed from the run",
        found=_briefly(holds),
        remedy="Compare the figures, and reduce a column with .all() or .any().",
    )


def _plain(name: str, value: object) -> Figure:
    value = value.item() if isinstance(value, numpy.generic) else value
    finite = not isinstance(value, float) or math.isfinite(value)
    if isinstance(value, bool | int | float | str) and finite:
        return value
    raise UsageError(
        f"The figure {name} is no plain figure",
        expected="a finite number or a string",
        found=_briefly(value),
        remedy="Give a time as a number, with its unit in the figure's name.",
    )


def _briefly(value: object) -> str:
    return f"{type(value).__name__} {' '.join(repr(value).split()):.60}"
