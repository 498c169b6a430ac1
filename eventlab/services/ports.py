"""A port of loopback that stays a service's own, also while nobody listens on it."""

import socket
import sys

from eventlab.errors import ServiceError

_BACKLOG = 2048
LOOPBACK = "127.0.0.1"


class Port:
    """Keep a port: whoever connects is refused until somebody listens, and no other can take it.

    What keeps it is a socket that is bound and never listens. Each `listener` is another one on the
    same port (SO_REUSEPORT), which is closed here when its process has it: so the system refuses
    connections as soon as that process is gone. `number` 0 is any free port. Raises ServiceError.
    """

    def __init__(self, number: int = 0) -> None:
        self._keeper = _bound(number)
        self.number: int = self._keeper.getsockname()[1]

    def listener(self) -> socket.socket:
        """Return a new socket that listens on the port."""
        listener = _bound(self.number)
        listener.listen(_BACKLOG)
        return listener

    def close(self) -> None:
        """Let the port go."""
        self._keeper.close()


def _bound(number: int) -> socket.socket:
    if sys.platform == "win32":
        raise ServiceError(
            "A service cannot keep its port here",
            expected="Linux or macOS",
            found="Windows, which has no SO_REUSEPORT",
            remedy="Run eventlab inside of WSL, the Linux that comes with Windows.",
        )
    made = socket.socket()
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        made.bind((LOOPBACK, number))
    except (OSError, OverflowError) as error:
        made.close()
        raise ServiceError(
            f"The port {number} cannot be had",
            expected="a port that no other program has",
            found=str(error),
            remedy="Leave the port out: then any free one is taken.",
        ) from None
    return made
