"""What the server of JupyterLab does that no page shows."""

import asyncio
import ctypes
import os
import socket
import sys
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from tornado.websocket import websocket_connect

PIDFD_GETFD = 438  # the same number on every architecture

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux shows the sockets of another process"
)


@pytest.fixture
def kernel(server):
    """A kernel of the server's; return its id, and end it afterwards."""
    started = server.ask("POST", "api/kernels", {"name": "python3"})
    yield started["id"]
    server.ask("DELETE", f"api/kernels/{started['id']}")


def nodelay_of(pid: int, port: int) -> bool:
    """Tell whether Nagle's algorithm is off for a process's connection with this port of ours."""
    connections = psutil.Process(pid).net_connections("tcp")
    (number,) = [one.fd for one in connections if one.raddr and one.raddr.port == port]
    process = os.pidfd_open(pid)
    copied = ctypes.CDLL(None, use_errno=True).syscall(PIDFD_GETFD, process, number, 0)
    os.close(process)
    assert copied >= 0, os.strerror(ctypes.get_errno())
    with socket.socket(fileno=copied) as theirs:
        return theirs.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


async def while_connected(server, kernel: str, look):
    """Return what `look` says of the port of a page's connection with a kernel that answered."""
    page = await websocket_connect(server.channels(kernel))
    await asyncio.wait_for(page.read_message(), 90)
    port = page.protocol.stream.socket.getsockname()[1]
    try:
        return look(server.pid, port)
    finally:
        page.close()


def test_messages_of_a_kernel_do_not_wait_for_each_other(server, kernel):
    """Nagle's algorithm is off on the server's side of the connection."""
    with ThreadPoolExecutor(1) as aside:  # this thread may have Playwright's loop
        asked = aside.submit(asyncio.run, while_connected(server, kernel, nodelay_of))
    assert asked.result()
