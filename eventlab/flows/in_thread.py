"""A flow in a thread of the notebook's own process."""

from datetime import timedelta
from pathlib import Path

from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig
from bytewax.testing import run_main

from eventlab.checked import checked
from eventlab.flows.control import Control, attach_control
from eventlab.flows.recovery import recovery_config, require_own
from eventlab.flows.running import OnError, Running
from eventlab.flows.status import Status
from eventlab.flows.stderr_filter import filter_stderr

_STOP_SECONDS = 30.0


class InThread(Running):
    """Run a flow beside the cells; raises UsageError and RecoveryError before it begins."""

    def __init__(
        self,
        flow: Dataflow,
        *,
        recovery: Path | None,
        epoch: timedelta,
        on_error: OnError | None = None,
    ) -> None:
        if recovery is not None:
            require_own(recovery, flow)
        filter_stderr()
        self._control = Control()
        attach_control(flow, self._control)
        super().__init__(flow, on_error, recovery)
        self._epoch = epoch
        self._recovery: RecoveryConfig | None = None

    @property
    def status(self) -> Status:
        """Return how far it is, as plain data."""
        return self._control.status

    def start(self) -> None:
        """Open its store and begin, once; a second call does nothing.

        Raises RecoveryError and StorageError.
        """
        if self._store is not None and self._recovery is None:
            self._recovery = recovery_config(self._store, self._flow)
        super().start()

    @checked
    def stop(self, *, close_windows: bool = False) -> None:
        """End it; open windows stay for a resume, or are closed as if the input had ended."""
        self._control.stop(close_windows=close_windows)
        self._background.join(_STOP_SECONDS)

    def _run(self) -> None:
        run_main(self._flow, epoch_interval=self._epoch, recovery_config=self._recovery)

    def _halt(self) -> None:
        self._control.stop(close_windows=False)
