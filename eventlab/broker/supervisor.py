"""The process that owns the broker, and ends it when the last user is gone.

It reads its plan from stdin, takes an exclusive lock on the data folder (two brokers on one
folder corrupt each other before Kafka notices), starts the broker as its child, and listens on
loopback. Each user (a notebook's kernel, `eventlab lab`) holds one connection as a lease: the
system closes it however the user ends, kill -9 included.

It uses the standard library only, which keeps it small and brings it up in a few hundredths of a
second. One JSON object a line, both ways. From a user: {"token", "name"} first, then
{"do", "id"} with start, stop, kill, suspend, resume, keep or end. To every user, at every change:
the broker's state.
"""

import contextlib
import json
import os
import selectors
import signal
import socket
import sys
import time
from pathlib import Path

from eventlab.broker.plan import Plan
from eventlab.broker.process import BrokerProcess

FIRST_USER_SECONDS = 15.0
BUSY_TICK_SECONDS = 0.01
IDLE_TICK_SECONDS = 0.2


class Supervisor:
    """The broker's users, their leases and their wishes."""

    def __init__(self, plan: Plan, held: tuple[int, ...] = ()):
        self._plan = plan
        self._keep, self._ending, self._start_again = False, False, False
        self._users: dict[socket.socket, str] = {}
        self._unread: dict[socket.socket, bytes] = {}
        self._alone_until = time.monotonic() + FIRST_USER_SECONDS
        self.broker = BrokerProcess(plan, held)
        self._selector = selectors.DefaultSelector()
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.setblocking(False)
        self._selector.register(self._server, selectors.EVENT_READ, self._welcome)
        self._told: dict = {}

    @property
    def port(self) -> int:
        """Return the port on which users are welcomed."""
        return self._server.getsockname()[1]

    def run(self) -> None:
        """Serve until nobody needs the broker any more, then end it and leave nothing."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: self._end())
        try:
            self.broker.start()
            self._write_state()
            _say({"port": self.port})
            while not self._done():
                self._turn()
        finally:
            self._close()

    def _turn(self) -> None:
        tick = BUSY_TICK_SECONDS if self.broker.busy else IDLE_TICK_SECONDS
        for key, _ in self._selector.select(tick):
            key.data(key.fileobj)
        self.broker.look()
        self._tell_all()  # whoever waits for the end must hear of it before it starts again
        if self._start_again and self.broker.pid is None:
            self._start_again = False
            self.broker.start()
            self._tell_all()

    def _write_state(self) -> None:
        facts = {"port": self.port, "token": self._plan.token, "supervisor": os.getpid()}
        arriving = self._plan.state.with_suffix(".arriving")
        descriptor = os.open(arriving, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(facts, file)
        arriving.replace(self._plan.state)

    def _done(self) -> bool:
        if self._ending:
            return True
        if self._users or self._keep:
            return False
        return time.monotonic() > self._alone_until

    def _close(self) -> None:
        # Whoever comes now is refused at once; whoever is here learns by the end of its
        # connection that nothing is left.
        self._server.close()
        self.broker.stop(self._plan.end_seconds)
        while self.broker.pid is not None:
            self.broker.look()
            time.sleep(BUSY_TICK_SECONDS)
        self._plan.state.unlink(missing_ok=True)
        for connection in list(self._unread):
            connection.close()

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
            received = connection.recv(65536)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            received = b""
        if not received:
            self._farewell(connection)
            return
        *lines, self._unread[connection] = (self._unread[connection] + received).split(b"\n")
        for line in lines:
            self._heed(connection, line)

    def _heed(self, connection: socket.socket, line: bytes) -> None:
        try:
            message = json.loads(line)
        except ValueError:
            message = None
        if not isinstance(message, dict):  # not one of ours
            self._farewell(connection)
        elif connection in self._users:
            self._obey(connection, message)
        elif message.get("token") == self._plan.token:
            self._users[connection] = str(message.get("name", "?"))
            self._tell(connection, self._facts() | {"handled": 0})
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

    def _obey(self, connection: socket.socket, message: dict) -> None:
        wish = message.get("do")
        if wish in _WISHES:
            _WISHES[wish](self)
        self._tell_all()
        self._tell(connection, self._facts() | {"handled": message.get("id", 0)})

    def _start(self) -> None:
        self._start_again = self.broker.state == "stopping"
        self.broker.start()

    def _stop(self) -> None:
        self._start_again = False
        self.broker.stop(self._plan.stop_seconds)

    def _kill(self) -> None:
        self._start_again = False
        self.broker.kill()

    def _keep_on(self) -> None:
        self._keep = True

    def _end(self) -> None:
        self._ending = True

    def _facts(self) -> dict:
        broker = self.broker
        return {
            "state": broker.state,
            "reason": broker.reason,
            "notice": broker.notice,
            "port": broker.port,
            "pid": broker.pid,
            "users": list(self._users.values()),
            "kept": self._keep,
        }

    def _tell_all(self) -> None:
        facts = self._facts()
        if facts == self._told:
            return
        self._told = facts
        for connection in list(self._users):
            self._tell(connection, facts)

    def _tell(self, connection: socket.socket, facts: dict) -> None:
        try:
            connection.sendall(json.dumps(facts).encode() + b"\n")
        except OSError:  # gone, or it has not read for long: its lease ends
            self._farewell(connection)


_WISHES = {
    "start": Supervisor._start,
    "stop": Supervisor._stop,
    "kill": Supervisor._kill,
    "suspend": lambda supervisor: supervisor.broker.suspend(),
    "resume": lambda supervisor: supervisor.broker.resume(),
    "keep": Supervisor._keep_on,
    "end": Supervisor._end,
}


def locked(path: Path):
    """Return the open, exclusively locked file, or None while another process holds it."""
    file = path.open("a")
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return None
    return file


def main() -> None:
    """Supervise by the plan on stdin; say on stdout where, or why not."""
    plan = Plan(**json.load(sys.stdin))
    _let_go(sys.stdin, os.O_RDONLY)
    try:
        lock = locked(plan.lock)
        if lock is None:
            _say({"refused": "another has the folder"})
            return
        with contextlib.closing(lock):
            Supervisor(plan, (lock.fileno(),)).run()
    except OSError as error:
        _say({"errno": error.errno, "strerror": error.strerror})
        raise


def _say(answer: dict) -> None:
    """Answer the starter, once; it may be gone long before us, so let go of its pipe."""
    print(json.dumps(answer), flush=True)
    _let_go(sys.stdout, os.O_WRONLY)


def _let_go(stream, flags: int) -> None:
    null = os.open(os.devnull, flags)
    os.dup2(null, stream.fileno())
    os.close(null)


if __name__ == "__main__":
    main()
