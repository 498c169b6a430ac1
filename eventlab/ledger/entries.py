"""The ledger: a line for each claim beside its argument, and all that is wrong, in words."""

from collections.abc import Iterator
from dataclasses import dataclass

from eventlab.course.arguments import ARGUMENTS, Argument
from eventlab.course.chapters import Chapter
from eventlab.ledger.evidence import Claimed, Evidence


@dataclass(frozen=True)
class Entry:
    """One line: an argument of the book, a claim, and what it came to in both runs.

    Without a claim `claim` is empty; None stands for a run that did not make it.
    """

    argument: str
    claim: str = ""
    normal: Claimed | None = None
    broken: Claimed | None = None

    @property
    def sentence(self) -> str:
        """Return what is claimed, empty where no run made the claim."""
        return str((self.normal or self.broken or {}).get("sentence", ""))

    @property
    def needs(self) -> str:
        """Return the inequality that has to be true, empty where no run made the claim."""
        return str((self.normal or self.broken or {}).get("inequality", ""))

    @property
    def holds(self) -> bool:
        """Tell whether the claim was made in the normal run, and holds there."""
        return self.normal is not None and bool(self.normal["holds"])

    @property
    def flips(self) -> bool:
        """Tell whether the claim was made in the broken run, and does not hold there."""
        return self.broken is not None and not self.broken["holds"]


@dataclass(frozen=True)
class Section:
    """What the ledger has of one chapter; None stands for a run that is not there."""

    chapter: Chapter
    normal: Evidence | None
    broken: Evidence | None

    @property
    def arguments(self) -> tuple[Argument, ...]:
        """Return what the book argues in this chapter."""
        return ARGUMENTS.get(self.chapter.number, ())

    @property
    def entries(self) -> list[Entry]:
        """Return a line for each claim, in the order of the arguments; stray claims at the end."""
        lines = [line for argument in self.arguments for line in self._lines(argument)]
        return lines + [self._line("", claim) for claim in self.strays]

    @property
    def strays(self) -> list[str]:
        """Return the claims that were made and belong to no argument."""
        known = {claim for argument in self.arguments for claim in argument.claims}
        made = [claim for run in (self.normal, self.broken) if run for claim in run.claims]
        return [claim for claim in dict.fromkeys(made) if claim not in known]

    @property
    def faults(self) -> list[str]:
        """Return all that is wrong with this chapter's part of the ledger, each in one clause."""
        found = [*self._faults_of_runs(), *self._faults_of_arguments()]
        found += [f"the claim {claim} belongs to no argument" for claim in self.strays]
        return [f"{self.chapter.number}: {fault}" for fault in found]

    def _lines(self, argument: Argument) -> list[Entry]:
        if not argument.claims:
            return [Entry(argument.sentence)]
        return [self._line(argument.sentence, claim) for claim in argument.claims]

    def _line(self, argument: str, claim: str) -> Entry:
        return Entry(argument, claim, _made(self.normal, claim), _made(self.broken, claim))

    def _faults_of_runs(self) -> Iterator[str]:
        for name, run in (("normal", self.normal), ("broken", self.broken)):
            if run is None:
                yield f"there is no {name} run"
            elif run.error:
                yield f"the {name} run stopped: {run.error}"

    def _faults_of_arguments(self) -> Iterator[str]:
        for argument in self.arguments:
            lines = self._lines(argument)
            if not argument.claims:
                yield f"the argument “{argument.sentence}” has no claim"
                continue
            if self.normal is not None:
                yield from _claims_that_fail(lines)
            if self.broken is not None and not any(line.flips for line in lines):
                names = " or ".join(argument.claims)
                yield f"broken on purpose, {names} does not turn out false"


@dataclass(frozen=True)
class Ledger:
    """The chapters' sections, in order."""

    sections: list[Section]

    @property
    def entries(self) -> list[Entry]:
        """Return every line."""
        return [entry for section in self.sections for entry in section.entries]

    @property
    def faults(self) -> list[str]:
        """Return all that is wrong, each in one clause that begins with its chapter."""
        return [fault for section in self.sections for fault in section.faults]

    @property
    def summary(self) -> str:
        """Return in one sentence how much there is and how much of it is as it should be."""
        claims = [entry for entry in self.entries if entry.claim]
        arguments = {entry.argument for entry in self.entries if entry.argument}
        counts = (
            _counted(len(self.sections), "chapter"),
            _counted(len(arguments), "argument"),
            _counted(len(claims), "claim"),
        )
        hold = sum(entry.holds for entry in claims)
        flip = sum(entry.flips for entry in claims)
        return f"{', '.join(counts)}. As it is: {hold} true. Broken on purpose: {flip} false."


def _counted(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def _made(run: Evidence | None, claim: str) -> Claimed | None:
    return None if run is None else run.claims.get(claim)


def _claims_that_fail(lines: list[Entry]) -> Iterator[str]:
    for line in lines:
        if line.normal is None:
            yield f"the claim {line.claim} is not made"
        elif not line.holds:
            yield f"the claim {line.claim} does not hold"
