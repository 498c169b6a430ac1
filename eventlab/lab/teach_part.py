"""Teaching as a lab offers it: guesses, claims and exercises of the chapter."""

from collections.abc import Sequence
from typing import Any

from eventlab import teach
from eventlab.lab.part import LabPart
from eventlab.notebook import parameter


class TeachPart(LabPart):
    """What a chapter asks, states and checks."""

    def claim(self, claim: str, sentence: str, *, holds: bool, **figures: Any) -> teach.Claim:
        """State what this run showed, with the figures that decided it; shown as one line.

        The seed and whether the run was broken on purpose are the notebook's SEED and BREAK.
        """
        return teach.Claim(
            claim,
            sentence,
            holds=holds,
            figures=figures,
            broken=bool(parameter("BREAK", False)),
            seed=parameter("SEED"),
            versions={"kafka": self.broker.version},
        )

    def predict(self, about: str, question: str, options: Sequence[str] = (), **more: Any):
        """Ask for a guess before the run, without waiting for it; see teach.predict."""
        from eventlab.live import acts_while_busy

        return teach.predict(about, question, options, prepare=acts_while_busy, **more)

    def reveal(self, about: str, outcome: Any):
        """Show the guess against what came out."""
        return teach.reveal(about, outcome)

    def check(self, exercise: str, *answer: Any, **given: Any) -> teach.Verdict:
        """Judge the answer to an exercise; it never raises."""
        return teach.check(exercise, *answer, **given)
