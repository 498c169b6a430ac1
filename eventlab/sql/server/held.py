"""A server as the process that started it sees it."""

from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from eventlab.arguments import required_whole_number
from eventlab.checked import checked
from eventlab.errors import EventlabError, ServiceError
from eventlab.folders import writing_to
from eventlab.processes.child import Child, spawn
from eventlab.sql.server.addresses import SERVICE_ID, log_file

_MODULE = "eventlab.sql.server.process"
_STOP_SECONDS = 10.0
_LAST_PORT = 65_535


class SqlServer:
    """An SQL server in a process of its own, which ends with this one at the latest.

    `url` is where it is asked, as ksqlDB is; `port` 0 is any free one. What it was asked to keep is
    there again with the next server of the same id. Raises UsageError where the id cannot be part
    of a topic's name or the port is none, ServiceError, SetupError and BrokerError.

    Examples:
        >>> with SqlServer(lab.name("sql")) as server:
        ...     print(server.url.rpartition(":")[0])
        http://127.0.0.1
    """

    @checked
    def __init__(self, service_id: str = SERVICE_ID, port: int = 0) -> None:
        required_whole_number("port", port, at_least=0, at_most=_LAST_PORT)
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
