import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from eventlab.services.inside import Place
from eventlab.services.reporting import Reports
from eventlab.services.serving import Serving
from tests.looping import in_thread
from tests.services import apps

WAITING = 50


def served(app: Any) -> tuple[Serving, socket.socket, threading.Event]:
    """Return what serves an app, its listener, and an event that says when it has begun."""
    has_begun = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0), backlog=WAITING)
    serving = Serving(app, Place("a"), Reports("a", lambda _frame: has_begun.set()))
    return serving, listener, has_begun


def asked(port: int) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(b"GET /a HTTP/1.0\r\n\r\n")
        return line.makefile("rb").read().partition(b"\r\n\r\n")[2]


def test_it_serves_in_a_thread_too():
    """Until it is stopped, by whichever thread."""
    serving, listener, has_begun = served(apps.hello)
    running = threading.Thread(target=serving.run, args=(listener,))
    running.start()
    assert has_begun.wait(30)
    assert asked(listener.getsockname()[1]) == b'{"hello":"/a"}'
    serving.stop()
    running.join(30)
    assert not running.is_alive()


def test_who_waits_at_the_end_is_answered():
    """Connections that nobody has accepted when it is stopped are not reset."""
    serving, listener, has_begun = served(Slow(has_stopped := threading.Event()))
    port = listener.getsockname()[1]
    running = threading.Thread(target=serving.run, args=(listener,))
    running.start()
    assert has_begun.wait(30)
    with ThreadPoolExecutor(WAITING) as pool:
        first = pool.submit(asked, port)
        assert serving_is_busy.wait(30)
        others = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(20)]
        serving.stop()
        has_stopped.set()
        for line in others:
            line.sendall(b"GET /a HTTP/1.0\r\n\r\n")
        found = [line.makefile("rb").read() for line in others]
        assert first.result() == b"1"
    assert [answer[-1:] for answer in found] == [b"1"] * 20
    running.join(30)
    assert not running.is_alive()
    for line in others:
        line.close()


serving_is_busy = threading.Event()


class Slow:
    """Let nobody else be served until the test says so."""

    def __init__(self, until: threading.Event) -> None:
        self._until = until

    def __call__(self, request: Any) -> int:
        serving_is_busy.set()
        self._until.wait(30)
        return 1


def test_one_that_does_not_start_raises_why():
    """Not uvicorn's own SystemExit."""
    for lifespan, kind in ((apps.no_start, LookupError), (apps.exit_at_start, SystemExit)):
        serving, listener, _ = served(apps.starlette_app(lifespan))
        with pytest.raises(kind, match=r"no database|not today"):
            in_thread(lambda: serving.run(listener))  # noqa: B023  it runs at once
        listener.close()
