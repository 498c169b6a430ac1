"""Hold a program that is not ours (Kafka, a database) as the child of this process.

Standard library only. On Linux the system ends the program when this process ends, however that
happens: prctl PR_SET_PDEATHSIG. It fires when the thread that started the program ends, so a
process that holds one has one thread, or starts it from its main thread.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

_SET_DEATH_SIGNAL = 1


def _nothing() -> None:
    """Do nothing: a child is ready as it is."""


# Windows has no such signal, and no way to arrange for it.
_AT_ONCE = getattr(signal, "SIGKILL", signal.SIGTERM)


def launch(
    command: Sequence[str],
    *,
    folder: Path,
    output: IO[bytes],
    environment: dict[str, str],
    held: Sequence[int] = (),
    user: int | None = None,
    group: int | None = None,
    become: Callable[[], object] = _nothing,
    death_signal: int = _AT_ONCE,
) -> "Program":
    """Start `command` in `folder`; all that it says goes to `output`.

    `held` are descriptors that it keeps open, such as that of a lock: what is locked stays locked
    for as long as either of the two lives. It runs as `user`, if one is given, in `group` alone;
    `become` is called in the child before it turns into the program (Linux). `death_signal` is what
    it gets at our end. Raises OSError.
    """
    return Program(
        subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            pass_fds=() if sys.platform == "win32" else held,
            user=user,
            group=group,
            extra_groups=None if user is None else [],
            preexec_fn=_readied(become, death_signal),
        )
    )


class Program:
    """A program that was launched: look at it, end it, freeze it. Nothing here waits for long."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    @property
    def pid(self) -> int | None:
        """Return the process id, None when it is known to have ended."""
        return self._process.pid if self._process.returncode is None else None

    def status(self) -> int | None:
        """Return its status if it has ended (of a signal, the negative number), else None."""
        return self._process.poll()

    def ask_to_end(self, number: int = signal.SIGTERM) -> None:
        """Ask it to end (SIGTERM); a frozen one wakes up, or it would not notice."""
        if sys.platform == "win32":
            self._process.terminate()
        else:
            self._process.send_signal(number)
        self.resume()

    def kill(self) -> None:
        """End it at once (SIGKILL), and return when it has ended."""
        self._process.kill()
        self._process.wait()

    def suspend(self) -> None:
        """Freeze it (SIGSTOP), and return when it is: alive, but silent. Windows cannot.

        On macOS it may go on for a moment: Python has no `waitid` there before 3.13.
        """
        self._process.send_signal(signal.SIGSTOP)
        # Until then it may still make processes that nobody knows of.
        if hasattr(os, "waitid") and self.pid is not None:
            os.waitid(os.P_PID, self.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def resume(self) -> None:
        """Let it go on if it was frozen."""
        if sys.platform != "win32":
            self._process.send_signal(signal.SIGCONT)


def _readied(become: Callable[[], object], death_signal: int) -> Callable[[], None] | None:
    """Return what a child runs before it turns into the program, None where there is nothing."""
    if sys.platform != "linux":
        return None  # nobody becomes another there
    end_with_us = die_with_parent(death_signal)

    def ready() -> None:
        become()
        end_with_us()  # last: whoever becomes another loses it

    return ready


def die_with_parent(death_signal: int = _AT_ONCE) -> Callable[[], None]:
    """Return what a child of this process runs, to be ended by the system when we end (Linux)."""
    libc = ctypes.CDLL(None)
    parent = os.getpid()

    def arrange() -> None:
        libc.prctl(_SET_DEATH_SIGNAL, death_signal)
        if os.getppid() != parent:  # it ended between the fork and the call
            os._exit(1)

    return arrange
