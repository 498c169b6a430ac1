"""What ended a flow, in the words of whoever wrote it: the cause, and the line of its own."""

import re
import traceback
from pathlib import Path

import bytewax.dataflow
from bytewax.dataflow import Dataflow

from eventlab.errors import EventlabError, FlowError

# Where in bytewax's source an error was raised stands before its words.
_RUST_PLACE = re.compile(r"^\(src/[^)]*\) ")

_OURS = Path(__file__).resolve().parent
_BYTEWAX = Path(bytewax.dataflow.__file__).resolve().parent


def failure(flow: Dataflow, error: BaseException) -> EventlabError:
    """Return why a flow ended: what its own code raised, or what bytewax found wrong with it.

    bytewax wraps what an operator raised in an error for each step on its way, with places in its
    own Rust source; none of that says more than the learner's own line. An error of ours stays
    itself.
    """
    cause = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    if isinstance(cause, EventlabError):
        return cause
    own = _own_frame(cause)
    return FlowError(
        f"The flow {flow.flow_id!r} ended with an error",
        found=f"{type(cause).__name__}: {cause}" if own else _bytewax_words(error),
        remedy=f"It happened in line {own.lineno} of {own.name}: {own.line}" if own else "",
    )


def _own_frame(cause: BaseException) -> traceback.FrameSummary | None:
    frames = [
        frame
        for frame in traceback.extract_tb(cause.__traceback__)
        if not any(Path(frame.filename).is_relative_to(folder) for folder in (_BYTEWAX, _OURS))
    ]
    return frames[-1] if frames else None


def _bytewax_words(error: BaseException) -> str:
    return _RUST_PLACE.sub("", str(error).splitlines()[0] if str(error) else repr(error))
