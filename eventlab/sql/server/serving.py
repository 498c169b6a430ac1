"""One server from its beginning to its end: its place, its statements, its port."""

import asyncio
import errno
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import uvicorn

from eventlab.broker import Seat, join
from eventlab.errors import ServiceError
from eventlab.log import Cluster, Topic, prepare
from eventlab.log.topics import require_topic_name
from eventlab.processes.background import Background
from eventlab.sql.server.addresses import LOOPBACK, PORT, SERVICE_ID, folder_of
from eventlab.sql.server.app import Place, SqlApp
from eventlab.sql.server.commands import CommandLog
from eventlab.sql.server.desk import Desk

_LAST_REQUESTS_SECONDS = 1
_LOOK_SECONDS = 0.1


def serve(
    service_id: str = SERVICE_ID, port: int = PORT, on_ready: Callable[[str], object] = print
) -> None:
    """Serve until SIGINT or SIGTERM; call it in the main thread.

    Servers of one id share their work. `on_ready` gets the URL, once it is asked there. `port` 0 is
    any free one. Raises ServiceError where another program has the port, SetupError, StorageError
    and BrokerError.
    """
    topic_name = f"_eventlab_sql_{service_id}_commands"
    require_topic_name(topic_name)
    with (
        closing(_listener(port)) as listener,
        join(f"SQL server {service_id}") as seat,
    ):
        cluster = Cluster(seat.client_settings, seat.when_away, lambda: seat.away)
        prepare(cluster)
        address = _address(listener)
        desk = Desk(
            lambda name: Topic(cluster, name),
            CommandLog(Topic(cluster, topic_name)),
            folder_of(service_id),
            lambda: _partitions(cluster),
            _say,
            address,
        )
        with ThreadPoolExecutor(1, "statements") as worker:
            try:
                worker.submit(desk.commands.begin).result()
                place = _place(service_id, cluster, address, seat)
                app = SqlApp(desk, place, worker)
                server = _Server(app, lambda: on_ready(f"http://{address}"))
                with _looking(desk, worker, server.end):
                    asyncio.run(server.run_on(listener))
            finally:
                worker.submit(desk.close).result()


@contextmanager
def _looking(desk: Desk, worker: ThreadPoolExecutor, end: Callable[[], object]) -> Iterator[None]:
    """Let the desk look at what other servers do, again and again; where it cannot, `end` all.

    What it holds could be taken over by nobody.
    """

    def look_on() -> None:
        while not looking.stopping.wait(_LOOK_SECONDS):
            worker.submit(desk.commands.look).result()

    def end_all(error: BaseException | None) -> None:
        if error is not None:  # at once: what ends next may fail too, and would hide it
            _say(f"This server ends: {error!r}")
        end()

    looking = Background("looking at other servers", look_on, on_end=end_all)
    looking.start()
    try:
        yield
    finally:
        looking.stop()
    looking.wait()


def _say(message: str) -> None:
    # In one piece: several servers write to one file.
    sys.stderr.write(f"{message}\n")
    sys.stderr.flush()


def _listener(port: int) -> socket.socket:
    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise ServiceError(
            f"Port {port} is taken"
            if error.errno == errno.EADDRINUSE
            else f"Port {port} cannot be used",
            expected="a port that no other program has",
            found=str(error),
            remedy="Name another: --port 0 takes any free one.",
        ) from None
    return listener


def _address(listener: socket.socket) -> str:
    return f"{LOOPBACK}:{listener.getsockname()[1]}"


def _place(service_id: str, cluster: Cluster, address: str, seat: Seat) -> Place:
    return Place(
        service_id=service_id,
        cluster_id=cluster.metadata().cluster_id or "",
        address=address,
        is_kafka_up=lambda: seat.away is None,
    )


def _partitions(cluster: Cluster) -> dict[str, int]:
    """Return how many partitions each topic has."""
    return {name: len(one.partitions) for name, one in cluster.metadata().topics.items()}


class _Server(uvicorn.Server):
    """uvicorn's own, which ends with the process's own code in place of a signal."""

    def __init__(self, app: SqlApp, on_ready: Callable[[], object]) -> None:
        config = uvicorn.Config(
            app.starlette(),
            http="h11",  # httptools loses the body of a request that offers HTTP/2 as an upgrade
            ws="none",
            log_level="error",
            access_log=False,
            timeout_graceful_shutdown=_LAST_REQUESTS_SECONDS,
        )
        super().__init__(config)
        self._on_ready = on_ready
        self._app = app

    def end(self) -> None:
        """Let it end soon; from any thread."""
        self.should_exit = True

    async def run_on(self, listener: socket.socket) -> None:
        """Serve on this socket until a signal comes."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)
        await self.serve(sockets=[listener])

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone: uvicorn would raise them again at its end."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let what goes on end by itself, and then the rest."""
        await self._app.end()
        await super().shutdown(sockets)
