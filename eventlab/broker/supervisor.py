"""The process that owns a broker's nodes, and ends them when the last user is gone.

It gets its plan from whoever spawned it, takes an exclusive lock on the data folder (two brokers on
one folder corrupt each other before Kafka notices), starts the nodes as its children, and listens
on loopback. Each user (a notebook's kernel, `eventlab lab`) holds one connection as a lease: the
system closes it however the user ends, kill -9 included.

What it owns need not be Kafka: whatever is `Supervised` is held, shared and ended in the same way.

It uses the standard library only, which keeps it small and brings it up in a few hundredths of a
second. One JSON object a line, both ways. From a user: {"token", "name"} first, then
{"do", "id"} with start, stop, kill, suspend, resume, keep or end; a "node" in it names the one that
is meant, else it is all of them. To every user, at every change: the broker's state.
"""

import contextlib
import json
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from eventlab.broker.node import Node
from eventlab.broker.plan import Plan
from eventlab.broker.states import BrokerState, NodeState, together
from eventlab.broker.supervised import Rules, Supervised
from eventlab.processes.locking import locked
from eventlab.processes.owner import Owner

FIRST_USER_SECONDS = 15.0
BUSY_TICK_SECONDS = 0.01
IDLE_TICK_SECONDS = 0.2
_READ_BYTES = 65536

Message = dict[str, Any]


class Supervisor:
    """The broker's nodes, its users with their leases, and what they ask for."""

    def __init__(self, plan: Rules, nodes: Sequence[Supervised]) -> None:
        self._plan = plan
        self.nodes = nodes
        self._to_start: set[int] = set()  # as soon as they can
        self._waiting: set[int] = set()  # those of them that cannot before their controller does
        self._is_kept = False
        self._is_ending = False
        self._users: dict[socket.socket, str] = {}
        self._unread: dict[socket.socket, bytes] = {}
        self._alone_until = time.monotonic() + FIRST_USER_SECONDS
        self._selector = selectors.DefaultSelector()
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.setblocking(False)
        self._selector.register(self._server, selectors.EVENT_READ, self._welcome)
        self._reported = BrokerState()

    @property
    def port(self) -> int:
        """Return the port on which users are welcomed."""
        port: int = self._server.getsockname()[1]
        return port

    def run(self, on_ready: Callable[[int], object]) -> None:
        """Serve until nobody needs the broker any more, then end it and leave nothing.

        `on_ready` is called with the port once users can come.
        """
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: self._end(self.nodes))
        try:
            self._start(self.nodes)
            self._write_state()
            on_ready(self.port)
            while not self._is_done():
                self._turn()
        finally:
            self._close()

    def _turn(self) -> None:
        is_busy = any(node.busy for node in self.nodes)
        tick = BUSY_TICK_SECONDS if is_busy else IDLE_TICK_SECONDS
        for key, _ in self._selector.select(tick):
            key.data(key.fileobj)
        for node in self.nodes:
            node.look()
        self._report_to_all()  # whoever waits for the end must see it before it starts again
        self._start_those_that_can()
        self._report_to_all()

    def _write_state(self) -> None:
        facts = {"port": self.port, "token": self._plan.token, "supervisor": os.getpid()}
        arriving = self._plan.state.with_suffix(".arriving")
        descriptor = os.open(arriving, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(facts, file)
        arriving.replace(self._plan.state)

    def _is_done(self) -> bool:
        if self._is_ending:
            return True
        if self._users or self._is_kept:
            return False
        return time.monotonic() > self._alone_until

    def _close(self) -> None:
        # Whoever comes now is refused at once; whoever is here learns by the end of its
        # connection that nothing is left.
        self._server.close()
        for node in self.nodes:
            node.stop(self._plan.end_seconds)
        while any(node.pid is not None for node in self.nodes):
            for node in self.nodes:
                node.look()
            time.sleep(BUSY_TICK_SECONDS)
        self._plan.state.unlink(missing_ok=True)
        for connection in list(self._unread):
            connection.close()

    # -- nodes ----------------------------------------------------------------------------------

    def _start_those_that_can(self) -> None:
        controller_port = max(node.controller_port for node in self.nodes)
        for node in self.nodes:
            if node.number not in self._to_start or node.pid is not None:
                continue
            if node.is_controller or controller_port:
                self._do_not_start([node])
                node.start(controller_port)
            else:
                self._waiting.add(node.number)

    def _report(self, node: Supervised) -> NodeState:
        if node.number in self._waiting:
            return replace(node.report, state="starting", reason="it waits for its controller")
        return node.report

    def _start(self, nodes: Sequence[Supervised]) -> None:
        # One that is ending starts again when it has ended.
        self._to_start |= {
            node.number for node in nodes if node.pid is None or node.report.state == "stopping"
        }
        self._start_those_that_can()

    def _stop(self, nodes: Sequence[Supervised]) -> None:
        self._do_not_start(nodes)
        for node in nodes:
            node.stop(self._plan.stop_seconds)

    def _kill(self, nodes: Sequence[Supervised]) -> None:
        self._do_not_start(nodes)
        for node in nodes:
            node.kill()

    def _do_not_start(self, nodes: Sequence[Supervised]) -> None:
        numbers = {node.number for node in nodes}
        self._to_start -= numbers
        self._waiting -= numbers

    def _suspend(self, nodes: Sequence[Supervised]) -> None:
        for node in nodes:
            node.suspend()

    def _resume(self, nodes: Sequence[Supervised]) -> None:
        for node in nodes:
            node.resume()

    def _keep(self, _nodes: Sequence[Supervised]) -> None:
        self._is_kept = True

    def _end(self, _nodes: Sequence[Supervised]) -> None:
        self._is_ending = True

    # -- users ----------------------------------------------------------------------------------

    def _welcome(self, server: socket.socket) -> None:
        try:
            connection, _ = server.accept()
        except OSError:  # it went away before it came in
            return
        connection.setblocking(False)
        self._unread[connection] = b""
        self._selector.register(connection, selectors.EVENT_READ, self._listen)

    def _listen(self, connection: socket.socket) -> None:
        try:
            received = connection.recv(_READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            received = b""
        if not received:
            self._farewell(connection)
            return
        *lines, self._unread[connection] = (self._unread[connection] + received).split(b"\n")
        for line in lines:
            self._take(connection, line)

    def _take(self, connection: socket.socket, line: bytes) -> None:
        message = _message(line)
        if connection not in self._unread:  # a line before this one was its last
            return
        if message is None:  # not one of ours
            self._farewell(connection)
        elif connection in self._users:
            self._obey(connection, message)
        elif message.get("token") == self._plan.token:
            self._users[connection] = str(message.get("name", "?"))
            self._report_to(connection, self._state(), handled=0)
        else:
            self._farewell(connection)

    def _farewell(self, connection: socket.socket) -> None:
        if connection not in self._unread:
            return
        self._selector.unregister(connection)
        connection.close()
        del self._unread[connection]
        if self._users.pop(connection, None) is not None:
            self._alone_until = time.monotonic() + self._plan.linger_seconds

    def _obey(self, connection: socket.socket, message: Message) -> None:
        command = _COMMANDS.get(message.get("do", ""))
        number = message.get("node")
        if command is not None:
            command(self, [node for node in self.nodes if number in (None, node.number)])
        self._report_to_all()
        self._report_to(connection, self._state(), handled=message.get("id", 0))

    def _state(self) -> BrokerState:
        reports = [self._report(node) for node in self.nodes]
        return together(reports, list(self._users.values()), kept=self._is_kept)

    def _report_to_all(self) -> None:
        state = self._state()
        if state == self._reported:
            return
        self._reported = state
        for connection in list(self._users):
            self._report_to(connection, state)

    def _report_to(
        self, connection: socket.socket, state: BrokerState, handled: int | None = None
    ) -> None:
        message = state.message()
        if handled is not None:
            message["handled"] = handled
        try:
            connection.sendall(json.dumps(message).encode() + b"\n")
        except OSError:  # gone, or it has not read for long: its lease ends
            self._farewell(connection)


_COMMANDS: dict[str, Callable[[Supervisor, Sequence[Supervised]], None]] = {
    "start": Supervisor._start,
    "stop": Supervisor._stop,
    "kill": Supervisor._kill,
    "suspend": Supervisor._suspend,
    "resume": Supervisor._resume,
    "keep": Supervisor._keep,
    "end": Supervisor._end,
}


def _message(line: bytes) -> Message | None:
    try:
        message = json.loads(line)
    except ValueError:
        return None
    return message if isinstance(message, dict) else None


def _leave_all(_plan: Any) -> None:
    """Leave what was supervised as it is."""


def supervise_for_owner(
    held_by: Callable[[Any, tuple[int, ...]], Sequence[Supervised]],
    at_end: Callable[[Any], object] = _leave_all,
) -> None:
    """Supervise by the owner's plan; answer it once: the port, or why there is none.

    `held_by` makes what is supervised, from the plan and the descriptors that are to stay open in
    it; `at_end` gets the plan when all of them have ended and nobody else has the folder. The owner
    may be gone long before us, so it is let go of after the answer.
    """
    owner = Owner()
    plan = owner.receive()

    def answer(message: Message) -> None:
        owner.send(message)
        owner.let_go()

    try:
        lock = locked(plan.lock)
        if lock is None:
            answer({"refused": "another has the folder"})
            return
        with contextlib.closing(lock):
            nodes = held_by(plan, (lock.fileno(),))
            Supervisor(plan, nodes).run(lambda port: answer({"port": port}))
            at_end(plan)
    except OSError as error:
        answer({"errno": error.errno, "strerror": error.strerror})
        raise


def nodes_of(plan: Plan, held: tuple[int, ...] = ()) -> list[Node]:
    """Return the nodes of Kafka that a plan asks for."""
    several = len(plan.nodes) > 1
    return [
        Node(node, plan.environment, held, keeps_controller_port=several) for node in plan.nodes
    ]


def main() -> None:
    """Supervise Kafka by the owner's plan."""
    supervise_for_owner(nodes_of)
