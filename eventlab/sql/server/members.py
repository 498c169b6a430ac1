"""Which servers of an id there are: each holds the lock of a file that is named by its port.

The lock is free as soon as its process is gone, however it went. Servers of an id are all on one
machine, since they share the folder of what their queries know.
"""

from pathlib import Path
from typing import TextIO

import msgspec

from eventlab.folders import writing_to
from eventlab.processes.locking import is_locked, locked
from eventlab.sql.running.standing import State
from eventlab.sql.server.addresses import LOOPBACK, folder_of, servers_in


class Work(msgspec.Struct, frozen=True):
    """A part of a query, as the server that runs it sees it; offsets by topic and partition."""

    query_id: str
    part: int
    state: State
    error: str | None
    positions: list[tuple[str, int, int]]


class Members:
    """The servers of an id; this one is `address` once it has joined."""

    def __init__(self, folder: Path, address: str) -> None:
        self.address = address
        self.folder = folder
        self._own = folder / address.rpartition(":")[2]
        self._lock: TextIO | None = None
        self._said: list[Work] | None = None

    def join(self) -> None:
        """Be one of them from now on; those who are gone are cleared away. Have the turn.

        Raises StorageError.
        """
        with writing_to(self.folder):
            for path in self.folder.iterdir():
                if path == self._own or not is_locked(path.with_suffix("")):
                    path.unlink()
            arriving = self.folder / f"{self._own.name}.arriving"
            # Nobody looks at it before it is locked: a look would keep the lock from being had.
            self._lock = locked(arriving)
            arriving.rename(self._own)

    def leave(self) -> None:
        """Be none of them any more; a second time is harmless."""
        if self._lock is not None:
            for path in (self._own.with_suffix(".json"), self._own):
                path.unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    def there(self) -> list[str]:
        """Return the addresses of all that are there, always in the same order."""
        return addresses(self.folder)

    def say(self, works: list[Work]) -> None:
        """Let the others know what is done here."""
        if works != self._said:
            arriving = self._own.with_suffix(".new")
            arriving.write_bytes(msgspec.json.encode(works))
            arriving.replace(self._own.with_suffix(".json"))
            self._said = works

    def work_of(self, address: str) -> list[Work]:
        """Return what a server has said that it does; nothing where it has said nothing yet."""
        path = self.folder / f"{address.rpartition(':')[2]}.json"
        try:
            return msgspec.json.decode(path.read_bytes(), type=list[Work])
        except FileNotFoundError:
            return []


def addresses(folder: Path) -> list[str]:
    """Return the addresses of the servers that are there."""
    if not folder.exists():
        return []
    ports = sorted(path.name for path in folder.iterdir() if path.name.isdigit())
    return [f"{LOOPBACK}:{port}" for port in ports if is_locked(folder / port)]


def urls_of(service_id: str) -> list[str]:
    """Return where the servers of an id are asked."""
    return [f"http://{one}" for one in addresses(servers_in(folder_of(service_id)))]
