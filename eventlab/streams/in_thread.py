"""A flow in a thread of the notebook's own process."""

import threading
from datetime import timedelta
from pathlib import Path

from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig
from bytewax.testing import run_main

from eventlab.log import background
from eventlab.streams.failure import failure
from eventlab.streams.hand import Control, take_in_hand
from eventlab.streams.quiet import keep_quiet
from eventlab.streams.recovery import recovery_config
from eventlab.streams.running import Running
from eventlab.streams.status import Status

_STOP_SECONDS = 30.0


class InThread(Running):
    """Run a flow beside the cells; raises UsageError and RecoveryError before it begins."""

    def __init__(self, flow: Dataflow, *, recovery: Path | None, epoch: timedelta):
        keep_quiet()
        self._control = Control()
        take_in_hand(flow, self._control)
        super().__init__(flow)
        config = None if recovery is None else recovery_config(recovery, flow)
        self._thread = background.run(
            f"flow {self.name}",
            lambda: self._run(flow, epoch, config),
            lambda: self._control.stop(close_windows=False),
        )

    @property
    def is_alive(self) -> bool:
        """Tell whether it still runs."""
        return self._thread.is_alive()

    @property
    def status(self) -> Status:
        """Return how far it is, as plain data."""
        return self._control.status

    def stop(self, *, close_windows: bool = False) -> None:
        """End it; open windows stay for a resume, or are closed as if the input had ended."""
        self._control.stop(close_windows=close_windows)
        if threading.current_thread() is not self._thread:
            self._thread.join(_STOP_SECONDS)

    def wait(self, timeout_seconds: float | None = None) -> bool:
        """Return True when it has ended, False when the time is up before; raise its error."""
        self._thread.join(timeout_seconds)
        if self._error is not None:
            raise self._error
        return not self.is_alive

    def _run(self, flow: Dataflow, epoch: timedelta, config: RecoveryConfig | None) -> None:
        try:
            run_main(flow, epoch_interval=epoch, recovery_config=config)
        except BaseException as error:  # a panic of bytewax is no Exception
            self._error = failure(flow, error)
