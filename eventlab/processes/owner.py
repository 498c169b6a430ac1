"""A child's side of what `child` spawned: its plan, its commands, its answers, and its end.

Standard library only. A child that works for its owner obeys it, and ends when the owner is gone,
kill -9 included: then its standard input ends. A child that is to outlive its owner lets go.
"""

import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from eventlab.processes.frames import receive, send

_STDIN, _STDOUT, _STDERR = range(3)


class Owner:
    """Whoever spawned this process; make it once, before anything is printed.

    Frames go to the owner from then on, and what is printed goes to standard error. `send` may be
    called from any thread.
    """

    def __init__(self) -> None:
        self._frames = os.fdopen(os.dup(_STDOUT), "wb")
        self._sending = threading.Lock()
        os.dup2(_STDERR, _STDOUT)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forget)

    def receive(self) -> Any:
        """Return the next frame from the owner. Raises EOFError when it is gone."""
        # Without a buffer, which might swallow the commands behind the frame, and whose lock the
        # end of the process would wait for.
        with open(_STDIN, "rb", buffering=0, closefd=False) as stdin:
            return receive(stdin)

    def send(self, thing: object) -> None:
        """Send the owner a frame; one that is gone, or was let go, gets nothing."""
        with self._sending, suppress(BrokenPipeError):
            if not self._frames.closed:
                send(self._frames, thing)

    def obey(self, on_command: Callable[[bytes], object]) -> None:
        """Call `on_command` with each command, a byte, in a thread; end when the owner is gone."""
        from eventlab.processes.background import Background  # not for those that only let go

        commands = Background(
            "commands of the owner", lambda: _read_commands(on_command), on_end=_end_process
        )
        commands.start()

    def let_go(self) -> None:
        """Close both pipes: the owner may end, and this process lives on."""
        with self._sending, suppress(BrokenPipeError):
            self._frames.close()
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, _STDIN)
        os.close(null)

    def _forget(self) -> None:
        """Let no process that this one forks hold the pipe, which ends with this one."""
        if not self._frames.closed:
            null = os.open(os.devnull, os.O_WRONLY)
            # In its place, and not closed: what the buffer holds would go out twice.
            os.dup2(null, self._frames.fileno(), inheritable=False)
            os.close(null)


def _read_commands(on_command: Callable[[bytes], object]) -> None:
    while command := os.read(_STDIN, 1):
        on_command(command)


def _end_process(error: BaseException | None) -> None:
    if error is not None:
        print(f"A command of the owner failed: {error!r}", file=sys.stderr, flush=True)
    os._exit(1)  # other threads may be inside of a read that never ends
