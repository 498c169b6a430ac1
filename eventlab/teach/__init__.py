"""What makes a chapter a lesson: claims that can fail, guesses made before, exercises judged."""

from eventlab.teach.check import Verdict, check
from eventlab.teach.claim import Claim
from eventlab.teach.ledger import claims_in, verdicts_in
from eventlab.teach.predict import Prediction, Revelation, predict, reveal

__all__ = [
    "Claim",
    "Prediction",
    "Revelation",
    "Verdict",
    "check",
    "claims_in",
    "predict",
    "reveal",
    "verdicts_in",
]
