"""The server's process: started on its data, watched, stopped, killed, frozen with all of its own.

The supervisor runs this, so it uses the standard library only, but for psutil when need be.
"""

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from eventlab.broker.kept_port import kept_port
from eventlab.broker.node_data import NodeData
from eventlab.broker.node_log import NodeLog
from eventlab.broker.states import ENDED_BY_SIGNAL, NodeState
from eventlab.database.configuration import PASSWORD_FILE, command
from eventlab.database.plan import START_SECONDS, STOP_SECONDS, ServerPlan
from eventlab.database.server_log import (
    blames_data,
    failure_reason,
    is_ready,
    is_still_held,
    port_is_taken,
)
from eventlab.processes.program import Program, launch

if TYPE_CHECKING:  # not at the start, which it would make longer
    import psutil

_FAST = signal.SIGINT  # ends what is under way; at SIGTERM it would wait for its clients
_TREE_SECONDS = 5.0
_PAUSE_SECONDS = 0.01


class Server:
    """PostgreSQL's processes, their data and their log; it knows of no user.

    `held` are descriptors that they keep open, such as that of the folder's lock. Ask it to `look`
    again and again: what happens to the process is noticed there.
    """

    number = 1
    is_controller = True
    controller_port = 0

    def __init__(self, plan: ServerPlan, held: tuple[int, ...] = ()) -> None:
        self._plan = plan
        self._held = held
        self._data = NodeData(Path(plan.data), Path(plan.template))
        self._log = NodeLog(plan.log)
        self._program: Program | None = None
        self._deadline = 0.0
        self._state = "stopped"
        self._reason = ""
        self._notice = ""
        self._port = kept_port(plan.port_file)

    @property
    def pid(self) -> int | None:
        """Return the process id, None when there is no process.

        The system is asked: one that was killed from outside just now can be started again at once.
        """
        if self._program is None or self._program.status() is not None:
            return None
        return self._program.pid

    @property
    def busy(self) -> bool:
        """Tell whether the state is about to change by itself."""
        return self._state in ("starting", "stopping")

    @property
    def report(self) -> NodeState:
        """Return what there is to know of it."""
        return NodeState(
            self.number,
            self._state,
            self._reason,
            self._notice,
            port=self._port,
            pid=self.pid,
        )

    # -- what is asked of it --------------------------------------------------------------------

    def start(self, _controller_port: int = 0) -> None:
        """Start the process on the data of the last time, on the port of the last time."""
        if self.pid is not None:
            return
        self._deadline = time.monotonic() + START_SECONDS
        try:
            self._begin()
        except OSError as error:
            self._become("failed", str(error))

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Ask the process to end; `look` notices when it has, and presses after `seconds`."""
        if self._program is None or self.pid is None:
            return
        self._wake()
        self._program.ask_to_end(_FAST)
        self._deadline = time.monotonic() + seconds
        self._become("stopping", "it was stopped")

    def kill(self) -> None:
        """End all of its processes at once (SIGKILL), as a power cut would."""
        if self._program is not None and self.pid is not None:
            self._kill_tree(self._program)
            self._become("stopped", "it was killed")

    def suspend(self) -> None:
        """Freeze all of its processes (SIGSTOP): alive, but silent."""
        if self._program is not None and self.pid is not None and self._state == "running":
            self._program.suspend()  # first: then it makes no further ones
            for child in _children(self._program):
                with _gone():
                    child.suspend()
            self._become("suspended", "it was suspended")

    def resume(self) -> None:
        """Let a frozen server go on."""
        if self._state == "suspended":
            self._wake()
            self._become("running")

    # -- what happens to it ---------------------------------------------------------------------

    def look(self) -> None:
        """Notice what happened to the process since the last look."""
        if self._program is None or self._state in ("stopped", "failed"):
            return
        status = self._program.status()
        if status is not None:
            self._ended(status)
        elif self._state == "starting":
            self._look_for_start(self._program)
        elif self._state == "stopping" and time.monotonic() > self._deadline:
            self._kill_tree(self._program)
        else:
            self._log.shorten()

    def _begin(self) -> None:
        self._bring_place()
        self._data.bring()
        self._plan.identity.own(Path(self._plan.data))
        self._publish_password()
        self._launch()

    def _bring_place(self) -> None:
        place = Path(self._plan.data).parent
        if not place.exists():  # the supervisor before has removed it since the plan was made
            place.mkdir(mode=0o700)
            self._plan.identity.own(place)

    def _publish_password(self) -> None:
        password = Path(self._plan.data, PASSWORD_FILE).read_bytes()
        arriving = self._plan.password.with_suffix(".arriving")
        descriptor = os.open(arriving, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(password)
        arriving.replace(self._plan.password)

    def _launch(self) -> None:
        self._port = self._port or _free_port()
        identity = self._plan.identity
        self._program = launch(
            command(self._plan.program, Path(self._plan.data), self._port),
            folder=Path(self._plan.data),
            output=self._log.open_anew(),
            environment=self._plan.environment,
            held=self._held,
            user=identity.outer_user,
            group=identity.outer_group,
            become=identity.become,
            death_signal=_FAST,  # its own processes then end at once, and not in two seconds
        )
        self._become("starting")

    def _look_for_start(self, program: Program) -> None:
        if is_ready(self._log.text()):
            self._data.keep()
            self._keep_port()
            self._become("running")
        elif time.monotonic() > self._deadline:
            self._kill_tree(program)
            self._become("failed", f"it did not start within {START_SECONDS:g} s")

    def _keep_port(self) -> None:
        # Whoever has its URL finds it there again, also when another user starts it.
        with suppress(OSError):
            self._plan.port_file.write_text(str(self._port), encoding="ascii")

    def _ended(self, status: int) -> None:
        if self._state == "starting":
            self._failed_to_start()
        elif self._state == "stopping":
            self._become("stopped", self._reason)
        elif status < 0:
            self._become("stopped", f"{ENDED_BY_SIGNAL} {-status}")
        else:
            reason = failure_reason(self._log.text())
            self._become("stopped", f"it ended with status {status}: {reason}")

    def _failed_to_start(self) -> None:
        log = self._log.text()
        is_late = time.monotonic() > self._deadline
        try:
            if port_is_taken(log) and not is_late:
                self._port = 0
                self._launch()
            elif is_still_held(log) and not is_late:
                time.sleep(_PAUSE_SECONDS)
                self._launch()
            elif blames_data(log) and self._data.is_to_blame:
                self._try_without_data(failure_reason(log))
            else:
                self._data.put_back()
                self._become("failed", failure_reason(log))
        except OSError as error:
            self._become("failed", str(error))

    def _try_without_data(self, reason: str) -> None:
        aside = self._data.move_aside()
        self._notice = (
            f"PostgreSQL could not read the data of the last time ({reason}). They were moved to "
            f"{aside}, and it starts empty: run the cells that make its tables again."
        )
        self._begin()

    def _wake(self) -> None:
        if self._state == "suspended" and self._program is not None:
            for child in _children(self._program):
                with _gone():
                    child.resume()
            self._program.resume()

    def _kill_tree(self, program: Program) -> None:
        # Frozen first, so that it makes no further ones.
        if hasattr(signal, "SIGSTOP"):
            program.suspend()
        children = _children(program)
        program.kill()
        for child in children:
            with _gone():
                child.kill()
        deadline = time.monotonic() + _TREE_SECONDS
        while any(map(_is_alive, children)) and time.monotonic() < deadline:
            time.sleep(_PAUSE_SECONDS)

    def _become(self, state: str, reason: str = "") -> None:
        self._state = state
        self._reason = reason


def _children(program: Program) -> "list[psutil.Process]":
    import psutil

    try:
        return psutil.Process(program.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _is_alive(process: "psutil.Process") -> bool:
    import psutil

    try:
        # Whoever has inherited it may take a second to collect it.
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@contextmanager
def _gone() -> Iterator[None]:
    """Let what is done to a process that has just ended be done."""
    import psutil

    with suppress(psutil.NoSuchProcess):
        yield


def _free_port() -> int:
    """Return a port that nobody has now: PostgreSQL takes none that is bound already."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
