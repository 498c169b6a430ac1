"""Threads beside the notebook: daemons that end with the process, and a little before it."""

import atexit
import logging
import os
import threading
import time
from collections.abc import Callable

# A kernel that shuts down is not to be held up by them.
EXIT_SECONDS = 0.3
STOP_SECONDS = 5.0

_LOG = logging.getLogger("eventlab.background")
_running: "set[Background]" = set()


class Background:
    """Do one piece of work in a daemon thread, from `start` until it returns or is stopped.

    `work` looks at `stopping` (`is_set()`, or `wait(seconds)` in place of a sleep) and returns soon
    after that is set. `halt` is for work that waits for something else too: it is called once when
    the work should end, wakes it, and returns at once. What the work raises, SystemExit included,
    stays in `error`. At its end `on_end` is called in the thread, with the error or None; without
    an `on_end` the error is logged. It runs once: a second start does nothing, nor does a start
    after a stop. It is stopped when the process ends. All methods may be called from any thread.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[], object],
        *,
        halt: Callable[[], object] | None = None,
        on_end: Callable[[BaseException | None], object] | None = None,
    ) -> None:
        self.name = name
        self.stopping = threading.Event()
        self._work = work
        self._halt = halt
        self._on_end = on_end
        self._error: BaseException | None = None
        self._lock = threading.Lock()
        self._has_started = False
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    @property
    def is_alive(self) -> bool:
        """Tell whether the work goes on."""
        return self._thread.is_alive()

    @property
    def is_current(self) -> bool:
        """Tell whether the caller is the work itself."""
        return threading.current_thread() is self._thread

    @property
    def error(self) -> BaseException | None:
        """Return what ended the work, None if nothing did."""
        return self._error

    def start(self) -> None:
        """Begin the work in its thread."""
        with self._lock:
            if self._has_started or self.stopping.is_set():
                return
            self._has_started = True
            _running.add(self)
            self._thread.start()

    def ask_to_stop(self) -> None:
        """Ask the work to end, and return at once."""
        with self._lock:
            if self.stopping.is_set():
                return
            self.stopping.set()
        if self._halt is not None:
            self._halt()

    def stop(self, timeout_seconds: float = STOP_SECONDS) -> bool:
        """Ask the work to end and wait for it; return whether it has ended.

        The work may stop itself: then it is only asked. Never raises what ended the work.
        """
        self.ask_to_stop()
        return self.join(timeout_seconds)

    def join(self, timeout_seconds: float | None = None) -> bool:
        """Wait for the end, at most so long; return whether it has ended, or never began."""
        if self._has_started and not self.is_current:
            limit = threading.TIMEOUT_MAX  # longer than anybody waits
            self._thread.join(None if timeout_seconds is None else min(timeout_seconds, limit))
        return not self.is_alive

    def wait(self, timeout_seconds: float | None = None) -> bool:
        """Wait as `join` does, and raise what ended the work."""
        has_ended = self.join(timeout_seconds)
        if self._error is not None:
            raise self._error
        return has_ended

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # SystemExit of a learner's function too
            self._error = error
        try:
            self._report_end()
        finally:
            _running.discard(self)

    def _report_end(self) -> None:
        if self._on_end is None:
            if self._error is not None:
                _LOG.error("%s ended with an error", self.name, exc_info=self._error)
            return
        try:
            self._on_end(self._error)
        except Exception:  # nobody else could tell of it
            _LOG.exception("What should follow the end of %s failed", self.name)


# A forked child has none of these threads, and is not to end what its parent runs.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: _running.clear())


@atexit.register
def _end_all() -> None:
    # A thread inside of librdkafka must not see the interpreter taken down.
    deadline = time.monotonic() + EXIT_SECONDS
    ending = list(_running)
    for background in ending:
        _ask_to_stop(background)
    for background in ending:
        background.join(max(0.0, deadline - time.monotonic()))


def _ask_to_stop(background: Background) -> None:
    try:
        background.ask_to_stop()
    except Exception:  # the others are still to be asked
        _LOG.exception("%s could not be asked to end", background.name)
