"""A server as the process that started it sees it."""

from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from eventlab.errors import EventlabError, ServiceError
from eventlab.folders import writing_to
from eventlab.processes.child import Child, spawn
from eventlab.sql.server.addresses import SERVICE_ID, log_file

_MODULE = "eventlab.sql.server.process"
_STOP_SECONDS = 10.0


class SqlServer:
    """An SQL server in a process of its own, which ends with this one at the latest.

    `url` is where it is asked, as ksqlDB is. What it was asked to keep is there again with the next
    server of the same id. Raises ServiceError, SetupError and BrokerError.
    """

    def __init__(self, service_id: str = SERVICE_ID, port: int = 0) -> None:
        log = log_file(service_id)
        with writing_to(log.parent), log.open("ab") as errors:
            self._child = spawn(_MODULE, errors=errors)
        self._child.send({"service_id": service_id, "port": port})
        self.url = _url_of(self._child, log)

    def __repr__(self) -> str:
        return f"SqlServer({self.url})"

    @property
    def pid(self) -> int:
        """Return its process id."""
        return self._child.pid

    def stop(self) -> None:
        """End it; a second time is harmless."""
        self._child.end(_STOP_SECONDS)
        self._child.close()

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL)."""
        self._child.kill()
        self._child.wait()
        self._child.close()

    def __enter__(self) -> Self:
        """Return the server."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End it."""
        self.stop()


def _url_of(child: Child, log: Path) -> str:
    answer: object = None
    with suppress(EOFError):
        answer = child.receive()
    if isinstance(answer, str):
        return answer
    child.end()
    child.close()
    if isinstance(answer, EventlabError):
        raise answer
    raise ServiceError(
        "The SQL server did not start",
        expected="a process that serves",
        found="one that has ended",
        remedy=f"Look into {log}.",
    )
