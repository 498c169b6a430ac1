"""What makes a chapter a lesson: claims that can fail, guesses made before, exercises judged."""

from eventlab.teach.answers import Number, Point
from eventlab.teach.check import Verdict, check
from eventlab.teach.claim import Claim
from eventlab.teach.curve import Axis, Curve
from eventlab.teach.ledger import claims_in, verdicts_in
from eventlab.teach.predict import Prediction, predict, reveal
from eventlab.teach.revelation import Revelation

__all__ = [
    "Axis",
    "Claim",
    "Curve",
    "Number",
    "Point",
    "Prediction",
    "Revelation",
    "Verdict",
    "check",
    "claims_in",
    "predict",
    "reveal",
    "verdicts_in",
]
