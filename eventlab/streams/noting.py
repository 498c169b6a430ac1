"""Note what a flow's own code raises, where bytewax would lose it.

In a cluster of processes the first error tears down the connections, and what comes out of bytewax
0.21 is only the panic of a thread that could not send any more, without a cause.
"""

from collections.abc import Callable
from typing import Any

from bytewax.dataflow import Dataflow
from bytewax.inputs import AbortExecution

from eventlab.streams.wiring import source_of, steps

Note = Callable[[BaseException], None]

_FUNCTIONS = {"flat_map_batch": "mapper", "branch": "predicate", "inspect_debug": "inspector"}
_BUILT = {
    "next_batch": lambda batch: batch if isinstance(batch, list) else list(batch),
    "on_batch": lambda answer: (list(answer[0]), answer[1]),
    "on_notify": lambda answer: (list(answer[0]), answer[1]),
    "on_eof": lambda answer: (list(answer[0]), answer[1]),
    "snapshot": lambda state: state,
    "write_batch": lambda nothing: nothing,
}


def note_errors(flow: Dataflow, note: Note) -> None:
    """Let every step of a flow tell `note` what it raises, before it raises it."""
    for step in steps(flow):
        kind = type(step).__name__
        if kind in _FUNCTIONS:
            name = _FUNCTIONS[kind]
            # A mapper may give its items one by one, long after it has returned.
            whole = list if kind == "flat_map_batch" else lambda answer: answer
            object.__setattr__(step, name, _noted(getattr(step, name), whole, note))
        elif kind == "stateful_batch":
            object.__setattr__(step, "builder", _noting_builder(step.builder, note))
        elif source_of(step) is not None:
            _note_in_built(step.source, note)
        elif kind == "output":
            _note_in_built(step.sink, note)


def _note_in_built(maker: Any, note: Note) -> None:
    for name in ("build", "build_part"):
        if hasattr(maker, name):
            setattr(maker, name, _noting_builder(getattr(maker, name), note))


def _noting_builder(build: Callable, note: Note) -> Callable:
    def built(*arguments: Any) -> Any:
        one = build(*arguments)
        for name, whole in _BUILT.items():
            if hasattr(one, name):
                setattr(one, name, _noted(getattr(one, name), whole, note))
        return one

    return _noted(built, lambda one: one, note)


def _noted(call: Callable, whole: Callable, note: Note) -> Callable:
    def noted(*arguments: Any) -> Any:
        try:
            return whole(call(*arguments))
        except (AbortExecution, StopIteration):
            raise  # the ways in which an input ends
        except BaseException as error:
            note(error)
            raise

    return noted
