"""What ended a flow, in the words of whoever wrote it: the cause, and the line of its own."""

import re
import traceback
from pathlib import Path

import bytewax.dataflow
from bytewax.dataflow import Dataflow

from eventlab.errors import EventlabError, FlowError
from eventlab.flows.recovery import full_store

# Where in bytewax's source an error was raised stands before its words.
_RUST_PLACE = re.compile(r"^\(src/[^)]*\) ")

# bytewax names a step with those it is in and those in it: flow.step.inner.innermost.
_STEP = re.compile(r'step "[^."]+\.([^."]+)')

_KEY = (
    "A key is text: take str(...) of it, and leave out what has none, with op.filter(...) before."
)

_ANY_STEP = "Put op.inspect(...) before that step to see what goes into it."

# What learners run into, by bytewax's or Python's own words.
_REMEDIES = {
    "must be a `str`": _KEY,
    "requires `str` keys": _KEY,
    "offset-naive": "A moment needs a time zone: datetime(2025, 3, 3, tzinfo=UTC).",
    "must be a `(key, value)`": "Put op.key_on(...) before this step.",
}

_OURS = Path(__file__).resolve().parent.parent
_BYTEWAX = Path(bytewax.dataflow.__file__).resolve().parent


def failure(flow: Dataflow, error: BaseException, store: Path | None = None) -> EventlabError:
    """Return why a flow ended: what its own code raised, or what bytewax found wrong with it.

    bytewax wraps what an operator raised in an error for each step on its way, with places in its
    own Rust source; none of that says more than the learner's own line. An error of ours stays
    itself; where the disk of its `store` is full it is a StorageError.
    """
    cause = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    if isinstance(cause, EventlabError):
        return cause
    own = _own_frame(cause)
    if own is not None:
        return FlowError(
            f"The flow {flow.flow_id!r} ended with an error",
            expected="steps that take every item",
            found=f"{type(cause).__name__}: {cause}",
            remedy=f"It happened in line {own.lineno} of {own.name}: {own.line}",
        )
    full = None if store is None else full_store(store, cause)
    if full is not None:
        return full
    return FlowError(
        f"The flow {flow.flow_id!r} ended with an error" + _step(error),
        expected="items in the form that each step takes",
        found=_words(cause),
        remedy=_remedy(str(cause)),
    )


def _own_frame(cause: BaseException) -> traceback.FrameSummary | None:
    frames = [
        frame
        for frame in traceback.extract_tb(cause.__traceback__)
        if not any(Path(frame.filename).is_relative_to(folder) for folder in (_BYTEWAX, _OURS))
    ]
    return frames[-1] if frames else None


def _step(error: BaseException) -> str:
    found = _STEP.search(str(error))
    return f" in its step {found[1]!r}" if found else ""


def _words(cause: BaseException) -> str:
    first_line = str(cause).splitlines()[0] if str(cause) else repr(cause)
    text = _RUST_PLACE.sub("", first_line)
    is_bytewax_s = type(cause).__module__.startswith(("bytewax", "pyo3_runtime"))
    return text if is_bytewax_s else f"{type(cause).__name__}: {text}"


def _remedy(words: str) -> str:
    for known, remedy in _REMEDIES.items():
        if known in words:
            return remedy
    return _ANY_STEP
