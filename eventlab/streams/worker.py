"""One process of a flow; started by in_processes, and ended by the end of its standard input.

On standard input comes a plan, then commands, a byte each; GO lets the flow begin. On standard
output go frames: pickled objects, each behind its length in four bytes, the first one when the flow
begins. What the flow prints goes to standard error.
"""

import os
import pickle
import struct
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, BinaryIO

from bytewax._bytewax import cli_main
from bytewax.recovery import RecoveryConfig

from eventlab.streams.failure import failure
from eventlab.streams.hand import Control, take_in_hand
from eventlab.streams.noting import note_errors
from eventlab.streams.quiet import keep_quiet

GO, STOP, CLOSE_WINDOWS = b"g", b"s", b"c"
_REPORT_SECONDS = 0.05
_LENGTH = struct.Struct(">I")


@dataclass(frozen=True)
class Plan:
    """What a process needs to know; `flow` is pickled, so that `path` counts when it is read."""

    flow: bytes
    path: list[str]
    number: int
    addresses: list[str]
    epoch: timedelta
    recovery: str | None


def send(channel: BinaryIO, thing: Any) -> None:
    """Write one frame."""
    data = pickle.dumps(thing)
    channel.write(_LENGTH.pack(len(data)) + data)
    channel.flush()


def receive(channel: BinaryIO) -> Any:
    """Return what the next frame holds; raise EOFError when there is none, or half of one."""
    return pickle.loads(_exactly(channel, *_LENGTH.unpack(_exactly(channel, _LENGTH.size))))


def _exactly(channel: BinaryIO, number: int) -> bytes:
    data = bytearray()
    while len(data) < number:
        more = channel.read(number - len(data))
        if not more:
            raise EOFError
        data += more
    return bytes(data)


def main() -> None:
    """Run a part of a flow, and tell how it goes."""
    channel = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    keep_quiet()  # before, so that stdout is behind its sieve too
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    # Without a buffer, which might swallow the commands behind the plan, and whose lock the end of
    # the process would wait for.
    with open(0, "rb", buffering=0, closefd=False) as stdin:
        plan: Plan = receive(stdin)
    sys.path[:] = plan.path
    control, go, telling = Control(), threading.Event(), threading.Lock()

    def tell(thing: Any) -> None:
        with telling:
            send(channel, thing)

    def begin() -> None:
        go.wait()
        tell(control.status)
        threading.Thread(target=_report, args=[control, tell], daemon=True).start()

    threading.Thread(target=_obey, args=[control, go], daemon=True).start()
    error = _run(plan, control, begin)
    tell(control.status)
    tell(error)
    sys.stderr.flush()
    os._exit(0 if error is None else 1)  # the threads above may be inside of a read


def _run(plan: Plan, control: Control, begin: Callable[[], None]) -> Exception | None:
    flow, raised = pickle.loads(plan.flow), []
    take_in_hand(flow, control)
    is_one_of_several = len(plan.addresses) > 1
    if is_one_of_several:
        note_errors(flow, raised.append)
    begin()
    try:
        cli_main(
            flow,
            process_id=plan.number if is_one_of_several else None,
            addresses=plan.addresses if is_one_of_several else None,
            epoch_interval=plan.epoch,
            recovery_config=None if plan.recovery is None else RecoveryConfig(plan.recovery),
        )
    except BaseException as error:  # a panic of bytewax is no Exception
        return failure(flow, raised[0] if raised else error)
    return None


def _obey(control: Control, go: threading.Event) -> None:
    while command := os.read(0, 1):
        if command == GO:
            go.set()
        else:
            control.stop(close_windows=command == CLOSE_WINDOWS)
    os._exit(1)  # whoever started this process is gone


def _report(control: Control, tell) -> None:
    pause = threading.Event()
    while not pause.wait(_REPORT_SECONDS):
        tell(control.status)
