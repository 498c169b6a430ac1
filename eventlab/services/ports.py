"""A port of loopback that stays a service's own, also while nobody listens on it."""

import ctypes
import errno
import socket
import struct
import sys
from contextlib import suppress

from eventlab.errors import ServiceError

_BACKLOG = 2048
_SO_ATTACH_REUSEPORT_CBPF = 51  # Linux; Python has no name for it
_RETURN = 0x06  # the instruction that ends a packet filter, with a number
LOOPBACK = "127.0.0.1"


class Port:
    """Keep a port: whoever connects is refused until somebody listens, and no other can take it.

    What keeps it is a socket that is bound and never listens. Each `listener` is another one on the
    same port (SO_REUSEPORT), which is closed here when its process has it: so the system refuses
    connections as soon as that process is gone. A process that listens only when it is ready gets
    one that is `bound`. `number` 0 is any free port. Raises ServiceError.
    """

    def __init__(self, number: int = 0) -> None:
        self._keeper = _bound(number)
        self.number: int = self._keeper.getsockname()[1]

    def bound(self) -> socket.socket:
        """Return a new socket on the port, on which nobody listens yet."""
        return _bound(self.number)

    def listener(self) -> socket.socket:
        """Return a new socket that listens on the port."""
        listener = self.bound()
        listener.listen(_BACKLOG)
        return listener

    def close(self) -> None:
        """Let the port go."""
        self._keeper.close()


def prefer_newest(listener: socket.socket) -> None:
    """Let all connections come to the one that began to listen last, of two on a port.

    The other can then be closed: what comes at that very moment would be reset with it. `listener`
    is either of them. On Linux; elsewhere the system goes on to choose.
    """
    # A filter of one instruction for all sockets of the port, which chooses the second. Where there
    # is no second any more the system chooses as without a filter.
    filtering = ctypes.create_string_buffer(struct.pack("HBBI", _RETURN, 0, 0, 1))
    program = struct.pack("HP", 1, ctypes.addressof(filtering))
    with suppress(OSError):
        if sys.platform == "linux":
            listener.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_REUSEPORT_CBPF, program)


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
            f"Port {number} is taken"
            if isinstance(error, OSError) and error.errno == errno.EADDRINUSE
            else f"Port {number} cannot be used",
            expected="a port that no other program has",
            found=str(error),
            remedy="Leave the port out: then any free one is taken.",
        ) from None
    return made
