"""A claim: a sentence that this very run bore out, or did not, with its evidence."""

import math
import re
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from eventlab.arguments import refused
from eventlab.errors import UsageError, shown
from eventlab.teach.inequality import verdict
from eventlab.teach.line import Figure, Line, Tone, number_text

CLAIM_MIMETYPE = "application/vnd.eventlab.claim+json"


@dataclass(frozen=True)
class Claim:
    """State what this run showed, and show it as one line.

    `claim` is the chapter's number and a name ("01.order"). `figures` are the plain numbers and
    texts that this run gave, each under a name with its unit; `needs` is the inequality that has to
    be true of them ("factor >= 3"), and decides whether the claim `holds` (see teach.inequality for
    what it may be). `broken` tells that the claim's condition was removed on purpose, so that it
    ought not to hold. Anything else raises UsageError. The output carries all of it as JSON, from
    where the ledger collects it.
    """

    claim: str
    sentence: str
    _: KW_ONLY
    needs: str
    figures: Mapping[str, Figure] = field(default_factory=dict)
    broken: bool = False
    seed: int | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    holds: bool = field(init=False)

    def __post_init__(self) -> None:
        _require_name(self.claim)
        _require_sentence(self.sentence)
        for name, found in (("figures", self.figures), ("versions", self.versions)):
            if not isinstance(found, Mapping):
                raise refused(name, found, "a dict", "{...}")
        figures = {str(name): _plain(name, value) for name, value in self.figures.items()}
        plain = {
            "figures": figures,
            "holds": verdict(self.needs, figures),
            "needs": self.needs.strip(),
            "broken": _plain_bool(self.broken),
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
        return {
            "chapter": self.chapter,
            "claim": self.claim,
            "sentence": self.sentence,
            "holds": self.holds,
            "inequality": self.needs,
            "figures": dict(self.figures),
            "broken": self.broken,
            "seed": self.seed,
            "versions": dict(self.versions),
        }

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        details = [f"{name.replace('_', ' ')} {number_text(n)}" for name, n in self.figures.items()]
        details.append(f"needed {self.needs}")
        tone: Tone = "good" if self.holds else "bad"
        line = Line(tone, self._word(), self.sentence, tuple(details))
        return {**line.mimebundle, CLAIM_MIMETYPE: self.as_dict()}

    def _word(self) -> str:
        word = "Holds" if self.holds else "Does not hold"
        return f"{word}, broken on purpose" if self.broken else word


def _require_name(claim: str) -> None:
    if not (isinstance(claim, str) and re.fullmatch(r"[\w-]+\.[\w-]+", claim)):
        raise UsageError(
            "A claim needs a name",
            expected="the chapter's number and a name, such as '01.order'",
            found=shown(claim),
            remedy="Name it after the chapter that makes it.",
        )


def _require_sentence(sentence: str) -> None:
    if not (isinstance(sentence, str) and sentence.strip()):
        raise UsageError(
            "A claim needs a sentence that can be true or false",
            expected="words",
            found=shown(sentence),
            remedy="Say in one sentence what this run showed.",
        )


def _plain_bool(broken: object) -> bool:
    import numpy  # not for the server of JupyterLab, which knows of progress alone

    if isinstance(broken, bool | numpy.bool):
        return bool(broken)
    raise UsageError(
        "A run is broken on purpose or it is not",
        expected="broken=True or broken=False",
        found=_briefly(broken),
        remedy="Give the notebook's BREAK as it is.",
    )


def _plain(name: str, value: object) -> Figure:
    import numpy

    plain = value.item() if isinstance(value, numpy.generic) else value
    if isinstance(plain, float) and not math.isfinite(plain):
        raise _no_figure(name, plain)
    if isinstance(plain, bool | int | float | str):
        return plain
    raise _no_figure(name, plain)


def _no_figure(name: str, value: object) -> UsageError:
    return UsageError(
        f"The figure {name} is no plain figure",
        expected="a finite number or a string",
        found=_briefly(value),
        remedy="Give a time as a number, with its unit in the figure's name.",
    )


def _briefly(value: object) -> str:
    return f"{type(value).__name__} {shown(value)}"
