"""Capture what a flow's own code raises, where bytewax would lose it.

In a cluster of processes the first error tears down the connections, and what comes out of bytewax
0.21 is only the panic of a thread that could not send any more, without a cause.
"""

from collections.abc import Callable
from typing import Any

from bytewax.dataflow import Dataflow, Operator
from bytewax.inputs import AbortExecution, Source
from bytewax.outputs import Sink

from eventlab.streams.bytewax_steps import (
    Function,
    builder_of,
    function_of,
    gives_items_late,
    replace_builder,
    replace_function,
    sink_of,
    source_of,
    steps,
)

OnError = Callable[[BaseException], object]
Finish = Callable[[Any], Any]


def capture_errors(flow: Dataflow, on_error: OnError) -> None:
    """Let every step of a flow call `on_error` with what it raises, before it raises it."""
    for step in steps(flow):
        _capture_in(step, on_error)


def _capture_in(step: Operator, on_error: OnError) -> None:
    function = function_of(step)
    if function is not None:
        finish = list if gives_items_late(step) else _as_it_is
        replace_function(step, _capturing(function, finish, on_error))
    build = builder_of(step)
    if build is not None:
        replace_builder(step, _capturing_build(build, on_error))
    for maker in (source_of(step), sink_of(step)):
        if maker is not None:
            _capture_in_parts(maker, on_error)


def _capture_in_parts(maker: Source[Any] | Sink[Any], on_error: OnError) -> None:
    for name in ("build", "build_part"):
        if hasattr(maker, name):
            setattr(maker, name, _capturing_build(getattr(maker, name), on_error))


def _capturing_build(build: Function, on_error: OnError) -> Function:
    def build_capturing(*arguments: Any) -> Any:
        built = build(*arguments)
        for name, finish in _METHODS.items():
            if hasattr(built, name):
                setattr(built, name, _capturing(getattr(built, name), finish, on_error))
        return built

    return _capturing(build_capturing, _as_it_is, on_error)


def _capturing(call: Function, finish: Finish, on_error: OnError) -> Function:
    def capturing(*arguments: Any) -> Any:
        try:
            return finish(call(*arguments))
        except (AbortExecution, StopIteration):
            raise  # the ways in which an input ends
        except BaseException as error:
            on_error(error)
            raise

    return capturing


# A generator raises long after the call that made it, so its items are taken at once.


def _as_it_is(answer: Any) -> Any:
    return answer


def _batch(items: Any) -> list[Any]:
    return items if isinstance(items, list) else list(items)


def _logic_answer(answer: tuple[Any, bool]) -> tuple[list[Any], bool]:
    items, is_discarded = answer
    return list(items), is_discarded


_METHODS: dict[str, Finish] = {
    "next_batch": _batch,
    "on_batch": _logic_answer,
    "on_notify": _logic_answer,
    "on_eof": _logic_answer,
    "snapshot": _as_it_is,
    "write_batch": _as_it_is,
}
