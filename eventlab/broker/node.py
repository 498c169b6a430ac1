"""One node of Kafka: started on the data of the last time, watched, stopped, killed, frozen.

The supervisor runs this, so it uses the standard library only.
"""

import shutil
import time
from pathlib import Path

from eventlab.broker.configuration import controller_address, listeners
from eventlab.broker.kept_port import kept_port
from eventlab.broker.node_data import NodeData
from eventlab.broker.node_log import (
    NodeLog,
    failure_reason,
    gave_up,
    has_started,
    knows_no_groups,
    knows_no_voters,
    listening_ports,
)
from eventlab.broker.plan import START_SECONDS, STOP_SECONDS, NodePlan
from eventlab.broker.states import ENDED_BY_SIGNAL, NodeState
from eventlab.processes.program import Program, launch

FULL_BYTES = 100_000  # with less than this on the disk Kafka does not start

_NOT_THE_DATA = ("No space left", "AccessDenied", "Permission denied", "Read-only file system")
_IN_USE = "Address already in use"
NO_SPACE = "No space left on device"
_METADATA_LOST = "its metadata log is missing or damaged"


class Node:
    """A node's process, its data and its log; it knows of no user.

    `held` are descriptors that the process keeps open, such as the folder's lock: so the folder
    stays locked for as long as either of the two lives. Where other nodes depend on this one's
    controller it comes back on the same port. Ask it to `look` again and again: what happens to the
    process is noticed there.
    """

    def __init__(
        self,
        plan: NodePlan,
        environment: dict[str, str],
        held: tuple[int, ...] = (),
        *,
        keeps_controller_port: bool = False,
    ) -> None:
        self._plan = plan
        self._environment = environment
        self._held = held
        self._keeps_controller_port = keeps_controller_port
        self._data = NodeData(plan.data, Path(plan.template))
        self._log = NodeLog(plan.log)
        self._program: Program | None = None
        self._deadline = 0.0
        self._controller_port = 0
        self.state = "stopped"
        self.reason = ""
        self.notice = ""
        self.port = kept_port(plan.port_file)

    @property
    def number(self) -> int:
        """Return the node's number."""
        return self._plan.number

    @property
    def is_controller(self) -> bool:
        """Tell whether the others need it to start."""
        return self._plan.is_controller

    @property
    def pid(self) -> int | None:
        """Return the process id, None when there is no process."""
        return None if self._program is None else self._program.pid

    @property
    def busy(self) -> bool:
        """Tell whether the state is about to change by itself."""
        return self.state in ("starting", "stopping")

    @property
    def controller_port(self) -> int:
        """Return the port of its controller while it runs, 0 while there is none."""
        return self._controller_port if self.is_controller and self.state == "running" else 0

    @property
    def report(self) -> NodeState:
        """Return what there is to know of it."""
        return NodeState(
            self.number, self.state, self.reason, self.notice, port=self.port, pid=self.pid
        )

    # -- what is asked of it --------------------------------------------------------------------

    def start(self, controller_port: int = 0) -> None:
        """Start the process on the data of the last time, on the port of the last time.

        `controller_port` is that of the controller, for a node that is none itself.
        """
        if self.pid is not None:
            return
        if not self.is_controller:
            self._controller_port = controller_port
        try:
            self._data.bring()
            self._launch()
        except OSError as error:
            self._become("failed", str(error))

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Ask the process to end; `look` notices when it has, and presses after `seconds`."""
        if self._program is None or self.pid is None:
            return
        self._program.ask_to_end()
        self._deadline = time.monotonic() + seconds
        self._become("stopping", "it was stopped")

    def kill(self) -> None:
        """End the process at once (SIGKILL)."""
        if self._program is not None and self.pid is not None:
            self._program.kill()
            self._become("stopped", "it was killed")

    def suspend(self) -> None:
        """Freeze the process (SIGSTOP): alive, but silent."""
        if self._program is not None and self.state == "running":
            self._program.suspend()
            self._become("suspended", "it was suspended")

    def resume(self) -> None:
        """Let a frozen process go on."""
        if self._program is not None and self.state == "suspended":
            self._program.resume()
            self._become("running")

    # -- what happens to it ---------------------------------------------------------------------

    def look(self) -> None:
        """Notice what happened to the process since the last look."""
        if self._program is None or self.state in ("stopped", "failed"):
            return
        status = self._program.status()
        if status is not None:
            self._ended(status)
        elif self.state == "starting":
            self._look_for_start(self._program)
        elif self.state == "stopping" and time.monotonic() > self._deadline:
            self._program.kill()
        else:
            self._log.shorten()

    def _launch(self) -> None:
        self._program = launch(
            [*self._plan.command, *self._overrides()],
            folder=Path(self._plan.folder),
            output=self._log.open_anew(),
            environment=self._environment,
            held=self._held,
        )
        self._deadline = time.monotonic() + START_SECONDS
        self._become("starting")

    def _overrides(self) -> list[str]:
        if self.is_controller:
            return ["--override", f"listeners={listeners(self.port, self._controller_port)}"]
        listening = ["--override", f"listeners={listeners(self.port, None)}"]
        return [*listening, "--override", controller_address(self._controller_port)]

    def _look_for_start(self, program: Program) -> None:
        log = self._log.text()
        ports = listening_ports(log)
        if self._data.is_to_blame and self._has_lost_metadata(log):
            program.kill()  # it would wait for ever, or go on without a single topic
        elif has_started(log) and len(ports) == (2 if self.is_controller else 1):
            self.port = ports[-1]  # the controller's comes first
            if self._keeps_controller_port and self.is_controller:
                self._controller_port = ports[0]
            self._data.keep()
            self._keep_port()
            self._become("running")
        elif time.monotonic() > self._deadline:
            program.kill()
            self._become("failed", f"it did not start within {START_SECONDS:g} s")

    def _has_lost_metadata(self, log: str) -> bool:
        return knows_no_groups(log) or (self.is_controller and knows_no_voters(log))

    def _keep_port(self) -> None:
        # Clients call on the port that they know, also when another user starts the broker again.
        try:
            self._plan.port_file.write_text(str(self.port), encoding="ascii")
        except OSError as error:
            self.notice = (
                f"The port {self.port} cannot be kept ({error}): started again, Kafka may "
                "listen on another one, which those who use it now do not find."
            )

    def _ended(self, status: int) -> None:
        if self.state == "starting":
            self._failed_to_start(status)
        elif self.state == "stopping":
            self._become("stopped", self.reason)
        elif status < 0:
            self._become("stopped", f"{ENDED_BY_SIGNAL} {-status}")
        else:
            self._become("stopped", f"it ended with status {status}: {self._why()}")

    def _why(self) -> str:
        log = self._log.text()
        if NO_SPACE in log or shutil.disk_usage(self._plan.folder).free < FULL_BYTES:
            return NO_SPACE
        return _METADATA_LOST if self._has_lost_metadata(log) else failure_reason(log)

    def _failed_to_start(self, status: int) -> None:
        reason = self._why()
        try:
            if _IN_USE in self._log.text() and self._asked_for_a_port():
                self._forget_ports()
                self._launch()
            elif self._can_be_the_data(status, reason):
                self._try_without_data(reason)
            else:
                if self._data.put_back():
                    self.notice = ""
                self._become("failed", reason)
        except OSError as error:
            self._become("failed", str(error))

    def _asked_for_a_port(self) -> bool:
        return self.port != 0 or (self.is_controller and self._controller_port != 0)

    def _forget_ports(self) -> None:
        self.port = 0
        if self.is_controller:
            self._controller_port = 0

    def _can_be_the_data(self, status: int, reason: str) -> bool:
        text = self._log.text() + reason
        kafka_gave_up = (status > 0 and gave_up(text)) or self._has_lost_metadata(text)
        is_foreign = any(words in text for words in _NOT_THE_DATA)
        return kafka_gave_up and not is_foreign and self._data.is_to_blame

    def _try_without_data(self, reason: str) -> None:
        aside = self._data.move_aside()
        self.notice = (
            f"Kafka could not read the data of the last time ({reason}). Nothing of it is lost: it "
            f"was moved to {aside}. The log starts empty."
        )
        self.start(self._controller_port)

    def _become(self, state: str, reason: str = "") -> None:
        self.state = state
        self.reason = reason
