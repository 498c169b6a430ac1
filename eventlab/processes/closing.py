"""Close several things, whatever one of them raises; leave to a parent what only it can close."""

import ctypes
import os
from collections.abc import Callable, Iterable


def close_all(closes: Iterable[Callable[[], object]]) -> None:
    """Call each, in order; then raise what was raised.

    One error is raised as it is, several as an ExceptionGroup. An interrupt is no error of the
    thing that is closed, and ends the closing at once.
    """
    errors: list[Exception] = []
    for close in closes:
        try:
            close()
        except Exception as error:
            errors.append(error)
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise ExceptionGroup(f"{len(errors)} things could not be closed", errors)


def after_fork(forget: Callable[[], Iterable[object]]) -> None:
    """Let a forked child never delete what `forget` returns there; where nothing forks, do nothing.

    Clients of librdkafka have no threads in it, and to delete one would wait for them for ever.
    """

    def leave_to_parent() -> None:
        for thing in list(forget()):
            ctypes.pythonapi.Py_IncRef(ctypes.py_object(thing))

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=leave_to_parent)
