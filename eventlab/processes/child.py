"""Spawn a process of ours, talk to it, and end it; the other side of it is `owner`."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Protocol

import psutil

from eventlab.processes.background import Background
from eventlab.processes.frames import receive, send

END_SECONDS = 2.0
_TICK_SECONDS = 0.001


def spawn(
    module: str,
    *,
    folder: Path | None = None,
    errors: IO[bytes] | None = None,
    descriptors: Sequence[int] = (),
) -> "Child":
    """Start the `main` of a module in a process of its own, and return at once.

    It runs in `folder`; its standard error goes to `errors`, a file, or to our own. `descriptors`
    stay open in it: a server's port is bound here, and served there. Raises OSError.
    """
    # -P: a learner's json.py in the current folder is not the library's.
    command = [sys.executable, "-P", "-m", "eventlab.processes.entry", module]
    # A session of its own: an interrupt of the kernel's process group must not reach it.
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    else:
        flags = 0
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        cwd=folder,
        pass_fds=descriptors,
        start_new_session=sys.platform != "win32",
        creationflags=flags,
    )
    if process.stdin is None or process.stdout is None:
        raise ValueError("a child needs pipes")
    return Child(process, process.stdin, process.stdout)


class Process(Protocol):
    """What a Popen has of a process that was spawned, and `forking` of one that was forked."""

    @property
    def pid(self) -> int:
        """Return its process id."""

    def wait(self, timeout: float | None = None) -> int:
        """Return its status when it has ended; raise TimeoutExpired when it has not by then."""

    def send_signal(self, number: int, /) -> None:
        """Send it a signal."""

    def terminate(self) -> None:
        """Ask it to end."""

    def kill(self) -> None:
        """End it at once."""


class Child:
    """A process of ours, as its owner sees it. All methods may be called from any thread.

    To send something to a child that has ended does nothing; its end is noticed by `receive`,
    `listen` and `wait`.
    """

    def __init__(self, process: Process, to_child: IO[bytes], from_child: IO[bytes]) -> None:
        self._process = process
        self._to_child = to_child
        self._from_child = from_child

    @property
    def pid(self) -> int:
        """Return its process id."""
        return self._process.pid

    # -- what is said ---------------------------------------------------------------------------

    def send(self, thing: object) -> None:
        """Send it a frame."""
        with suppress(BrokenPipeError, ValueError):  # it has ended already
            send(self._to_child, thing)

    def command(self, command: bytes) -> None:
        """Send it a command of one byte."""
        with suppress(BrokenPipeError, ValueError):  # it has ended already
            self._to_child.write(command)
            self._to_child.flush()

    def receive(self) -> Any:
        """Return its next frame. Raises EOFError when it has ended, or let go of us."""
        return receive(self._from_child)

    def listen(
        self,
        name: str,
        on_frame: Callable[[Any], object],
        on_end: Callable[[int, BaseException | None], object],
    ) -> None:
        """Call `on_frame` with each frame in a thread of this `name`; at its end call `on_end`.

        `on_end` gets the child's status and, if a frame could not be read or taken, that error;
        the child is ended then.
        """

        def take_frames() -> None:
            with suppress(EOFError):
                while True:
                    on_frame(self.receive())

        def ended(error: BaseException | None) -> None:
            if error is not None:
                self.kill()
            status = self.wait()
            self.close()
            on_end(status, error)

        listening = Background(name, take_frames, on_end=ended)
        listening.start()

    # -- its end --------------------------------------------------------------------------------

    def wait(self) -> int:
        """Return its status when it has ended; of a signal, the negative number."""
        return self._process.wait()

    def kill(self) -> None:
        """End it at once (SIGKILL)."""
        self._process.kill()

    def suspend(self) -> None:
        """Freeze it (SIGSTOP), and return when it is: alive, but silent. Windows cannot."""
        self._process.send_signal(signal.SIGSTOP)
        deadline = time.monotonic() + END_SECONDS
        # A template passes signals on a moment later, and what is asked meanwhile gets an answer.
        while _runs(self.pid) and time.monotonic() < deadline:
            time.sleep(_TICK_SECONDS)

    def resume(self) -> None:
        """Let it go on if it was frozen."""
        if sys.platform != "win32":
            self._process.send_signal(signal.SIGCONT)

    def end(self, patience_seconds: float = END_SECONDS) -> int:
        """End it: SIGTERM, and SIGKILL when it is still there after that long; return its status.

        Nothing else is touched, though its process id may have been given to another by now.
        """
        self._process.terminate()
        try:
            return self._process.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def let_go(self) -> None:
        """Close the pipes to a child that has let go of us too, and live on beside it."""
        self.close()
        # Whoever does not wait for its child leaves a zombie when the child ends. This thread is
        # none of Background's: at our own end nobody is to wait for it.
        threading.Thread(target=self.wait, name="eventlab-reaper", daemon=True).start()

    def close(self) -> None:
        """Close the pipes: a child that obeys its owner ends."""
        with suppress(BrokenPipeError):  # what it has not read any more
            self._to_child.close()
        self._from_child.close()


def _runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() not in (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE)
    except psutil.Error:  # it has ended
        return False
