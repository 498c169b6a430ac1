"""Filter the panics of bytewax's Rust out of stderr; what they mean comes as an error of ours.

Rust writes them straight to the process's stderr, which a kernel shows under the running cell. So
stderr is led through a pipe, and a thread passes on everything but panics.
"""

import atexit
import logging
import os
import re
import select
import threading
from itertools import zip_longest

from eventlab.processes.background import Background

# How Rust's standard library words a panic when RUST_BACKTRACE is 0: an empty line, this one, one
# with the message, and a note. The message of bytewax's own panics says nothing (Box<dyn Any>).
# Bytewax's hook, once a cluster runs, words the same as an error of Python's, without a note.
_PANIC = re.compile(rb"(thread '.*'|RuntimeError: \(src/run\.rs:\d+:\d+\)) panicked at ")
_NOTE = re.compile(rb"note: run with `RUST_BACKTRACE")
# A process of a cluster says so while it waits for another one to start.
_WAITING = re.compile(rb"worker \d+:\terror connecting to worker \d+: .*; retrying")
_STDERR = 2
_REST_OF_LINE_SECONDS = 0.1
_READ_BYTES = 65_536
_LOG = logging.getLogger("eventlab.flows")

_lock = threading.Lock()
_filter: "StderrFilter | None" = None


def filter_stderr() -> None:
    """Let no panic reach stderr from now on; a second call does nothing."""
    global _filter
    with _lock:
        if _filter is None:
            os.environ["RUST_BACKTRACE"] = "0"  # Rust asks once, at its first panic
            _filter = StderrFilter(_STDERR)
            _filter.start()
            atexit.register(_filter.end)


class StderrFilter:
    """Stand before a file descriptor, and let pass what is written to it, but for panics.

    It begins with `start`; `end` steps aside, and may be called twice.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._thread = Background("stderr", self._run, halt=self._step_aside, on_end=self._ended)

    def start(self) -> None:
        """Lead the descriptor through a pipe, and pass on what comes out of it."""
        self._beyond = os.dup(self._descriptor)
        self._reads, writes = os.pipe()
        self._ending, self._alive = os.pipe()
        os.dup2(writes, self._descriptor)
        os.close(writes)
        self._thread.start()

    def end(self) -> None:
        """Step aside; what was written before has passed when this returns."""
        self._thread.stop()

    def _step_aside(self) -> None:
        os.dup2(self._beyond, self._descriptor)
        # The pipe's end would be no sign: others may have a copy of the descriptor.
        os.close(self._alive)

    def _ended(self, error: BaseException | None) -> None:
        if error is not None:  # where nobody reads the pipe any more, whoever writes would wait
            os.dup2(self._beyond, self._descriptor)
            _LOG.error("stderr is not filtered any more", exc_info=error)

    def _run(self) -> None:
        panics = PanicFilter()
        while True:
            seconds = _REST_OF_LINE_SECONDS if panics.holds else None
            ready, _, _ = select.select([self._reads, self._ending], [], [], seconds)
            came = os.read(self._reads, _READ_BYTES) if self._reads in ready else b""
            passing = panics.passed(came) if came else panics.rest()
            if passing:
                os.write(self._beyond, passing)
            if ready and not came:
                return


class PanicFilter:
    """Let lines pass as they come, but for panics."""

    def __init__(self) -> None:
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
        held: list[bytes] = []
        if lines and not lines[-1].endswith(b"\n"):
            held.append(lines.pop())
        if lines and lines[-1] == b"\n":
            held.insert(0, lines.pop())
        self._held = b"".join(held)
        return self._without_panics(lines)

    def rest(self) -> bytes:
        """Return what is held, since nothing comes after it."""
        lines = self._held.splitlines(keepends=True)
        self._held = b""
        return self._without_panics(lines)

    def _without_panics(self, lines: list[bytes]) -> bytes:
        pairs = zip_longest(lines, lines[1:], fillvalue=b"")
        return b"".join(line for line, next_line in pairs if not self._is_panic(line, next_line))

    def _is_panic(self, line: bytes, next_line: bytes) -> bool:
        if line == b"\n" and _PANIC.match(next_line):
            return True
        is_message = self._is_message
        self._is_message = bool(_PANIC.match(line))
        return is_message or self._is_message or bool(_NOTE.match(line) or _WAITING.match(line))
