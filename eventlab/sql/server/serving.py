"""One server from its beginning to its end: its place, its statements, its port."""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import uvicorn

from eventlab.broker import Seat, join
from eventlab.errors import ServiceError
from eventlab.folders import writing_to
from eventlab.log import Cluster, Topic, prepare
from eventlab.log.topics import require_topic_name
from eventlab.processes.locking import locked
from eventlab.sql.server.addresses import LOOPBACK, PORT, SERVICE_ID, folder_of, keep_url, url_of
from eventlab.sql.server.app import Place, SqlApp
from eventlab.sql.server.commands import CommandLog
from eventlab.sql.server.desk import Desk

_LAST_REQUESTS_SECONDS = 1


def serve(
    service_id: str = SERVICE_ID, port: int = PORT, on_ready: Callable[[str], object] = print
) -> None:
    """Serve until SIGINT or SIGTERM; call it in the main thread.

    `on_ready` gets the URL, once it is asked there. `port` 0 is any free one. Raises ServiceError
    where another server has the id or another program the port, SetupError and BrokerError.
    """
    topic_name = f"_eventlab_sql_{service_id}_commands"
    require_topic_name(topic_name)
    with (
        _own_folder(service_id) as folder,
        closing(_listener(port)) as listener,
        join(f"SQL server {service_id}") as seat,
    ):
        cluster = Cluster(seat.client_settings, seat.when_away, lambda: seat.away)
        prepare(cluster)
        desk = Desk(
            lambda name: Topic(cluster, name),
            CommandLog(Topic(cluster, topic_name)),
            folder,
            lambda: _partitions(cluster),
            lambda message: print(message, file=sys.stderr, flush=True),
        )
        with ThreadPoolExecutor(1, "statements") as worker:
            worker.submit(desk.begin).result()
            place = _place(service_id, cluster, listener, seat)
            app = SqlApp(desk, place, worker).starlette()
            server = _Server(app, lambda: _ready(service_id, place.address, on_ready))
            try:
                asyncio.run(server.run_on(listener))
            finally:
                worker.submit(desk.close).result()


def _ready(service_id: str, address: str, on_ready: Callable[[str], object]) -> None:
    url = f"http://{address}"
    keep_url(service_id, url)
    on_ready(url)


@contextmanager
def _own_folder(service_id: str) -> Iterator[Path]:
    """Yield the folder of what queries know, which no other process has meanwhile."""
    folder = folder_of(service_id)
    with writing_to(folder):
        lock = locked(folder / "lock")
    if lock is None:
        raise ServiceError(
            f"There is an SQL server with the id {service_id} already",
            expected="one process for each id",
            found=url_of(service_id) or "another that starts",
            remedy="Ask that one, or give this one an id of its own: --id second.",
        )
    with lock:
        yield folder


def _listener(port: int) -> socket.socket:
    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((LOOPBACK, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise ServiceError(
            f"The port {port} cannot be had",
            expected="a port that no other program has",
            found=str(error),
            remedy="Name another: --port 0 takes any free one.",
        ) from None
    return listener


def _place(service_id: str, cluster: Cluster, listener: socket.socket, seat: Seat) -> Place:
    return Place(
        service_id=service_id,
        cluster_id=cluster.metadata().cluster_id or "",
        address=f"{LOOPBACK}:{listener.getsockname()[1]}",
        is_kafka_up=lambda: seat.away is None,
    )


def _partitions(cluster: Cluster) -> dict[str, int]:
    """Return how many partitions each topic has; those that begin with a line are not shown."""
    topics = cluster.metadata().topics.items()
    return {name: len(one.partitions) for name, one in topics if not name.startswith("_")}


class _Server(uvicorn.Server):
    """uvicorn's own, which ends with the process's own code in place of a signal."""

    def __init__(self, app: object, on_ready: Callable[[], object]) -> None:
        config = uvicorn.Config(
            app,  # type: ignore[arg-type]  # starlette's is one
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=_LAST_REQUESTS_SECONDS,
        )
        super().__init__(config)
        self._on_ready = on_ready

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
