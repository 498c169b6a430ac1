"""Keep the panics of bytewax's Rust off the screen; what they mean comes as an error of ours.

Rust writes them straight to the process's stderr, which a kernel shows under the running cell. So
stderr is led through a pipe, and a thread passes on everything but panics.
"""

import atexit
import os
import re
import select
import threading
from itertools import zip_longest

# How Rust's standard library words a panic when RUST_BACKTRACE is 0: an empty line, this one, one
# with the message, and a note. The message of bytewax's own panics says nothing (Box<dyn Any>).
_PANIC = re.compile(rb"thread '.*' panicked at ")
_NOTE = re.compile(rb"note: run with `RUST_BACKTRACE")
# A process of a cluster says so while it waits for another one to start.
_WAITING = re.compile(rb"worker \d+:\terror connecting to worker \d+: .*; retrying")
_STDERR = 2
_PATIENCE_SECONDS = 0.1  # for the rest of a line

_lock = threading.Lock()
_screen: "Screen | None" = None


def keep_quiet() -> None:
    """Let no panic reach stderr from now on; a second call does nothing."""
    global _screen
    with _lock:
        if _screen is None:
            os.environ["RUST_BACKTRACE"] = "0"  # Rust asks once, at its first panic
            _screen = Screen(_STDERR)
            atexit.register(_screen.end)


class Screen:
    """Stand before a file descriptor, and let pass what is written to it, but for panics."""

    def __init__(self, descriptor: int):
        self._descriptor, self._beyond = descriptor, os.dup(descriptor)
        self._reads, writes = os.pipe()
        self._ending, self._alive = os.pipe()
        os.dup2(writes, descriptor)
        os.close(writes)
        self._thread = threading.Thread(target=self._run, name="eventlab-quiet", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Step aside; what was written before has passed when this returns."""
        os.dup2(self._beyond, self._descriptor)
        # The pipe's end would be no sign: others may have a copy of the descriptor.
        os.close(self._alive)
        self._thread.join()

    def _run(self) -> None:
        sieve = Sieve()
        while True:
            patience = _PATIENCE_SECONDS if sieve.holds else None
            ready, *_ = select.select([self._reads, self._ending], [], [], patience)
            came = os.read(self._reads, 65_536) if self._reads in ready else b""
            passing = sieve.passed(came) if came else sieve.rest()
            if passing:
                os.write(self._beyond, passing)
            if ready and not came:
                return


class Sieve:
    """Let lines pass as they come, but for panics."""

    def __init__(self):
        # A line that is not complete yet, and an empty one before it: a panic begins with one.
        self._held = b""
        self._is_message = False

    @property
    def holds(self) -> bool:
        """Tell whether something waits for what comes next."""
        return bool(self._held)

    def passed(self, text: bytes) -> bytes:
        """Return what passes of the text so far; the rest is held."""
        lines = (self._held + text).splitlines(keepends=True)
        held = [lines.pop()] if lines and not lines[-1].endswith(b"\n") else []
        if lines and lines[-1] == b"\n":
            held.insert(0, lines.pop())
        self._held = b"".join(held)
        return self._sifted(lines)

    def rest(self) -> bytes:
        """Return what is held, since nothing comes after it."""
        held, self._held = self._held, b""
        return self._sifted(held.splitlines(keepends=True))

    def _sifted(self, lines: list[bytes]) -> bytes:
        pairs = zip_longest(lines, lines[1:], fillvalue=b"")
        return b"".join(line for line, next_line in pairs if not self._is_panic(line, next_line))

    def _is_panic(self, line: bytes, next_line: bytes) -> bool:
        if line == b"\n" and _PANIC.match(next_line):
            return True
        is_message, self._is_message = self._is_message, bool(_PANIC.match(line))
        return is_message or self._is_message or bool(_NOTE.match(line) or _WAITING.match(line))
