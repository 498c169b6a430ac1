"""What every request to a server is held to, before anything is done."""

import asyncio

import pytest

from eventlab.sql.server.middleware import EndsWithServer, OwnPagesOnly, PathAlone
from tests.looping import run


class Asked:
    """An app that keeps what it is asked, and reads the whole request."""

    def __init__(self):
        self.paths = []
        self.messages = []

    async def __call__(self, scope, receive, send):
        self.paths.append(scope["path"])
        while True:
            self.messages.append(await receive())
            if not self.messages[-1].get("more_body"):
                return


def asked(middleware, path="/", *, headers=(), messages=()):
    """Return what is sent for one request of these messages, after which nothing comes."""
    coming = list(messages)
    sent = []

    async def receive():
        return coming.pop(0) if coming else await asyncio.Event().wait()

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "path": path, "headers": list(headers)}
    run(middleware(scope, receive, send))
    return sent


WHOLE = {"type": "http.request", "body": b"{}", "more_body": False}
BEGUN = {"type": "http.request", "body": b"{", "more_body": True}


@pytest.mark.parametrize("path", ["http://localhost:8088/info", "/info"])
def test_a_path_may_be_a_whole_url(path):
    """The app sees the path alone."""
    app = Asked()
    asked(PathAlone(app), path, messages=[WHOLE])
    assert app.paths == ["/info"]


@pytest.mark.parametrize(
    ("origin", "is_own"),
    [(b"http://localhost:8888", True), (b"http://127.0.0.1", True), (b"http://else.org", False)],
)
def test_a_page_of_another_site_may_not_ask(origin, is_own):
    """It would run as the user; a page of this machine may."""
    app = Asked()
    sent = asked(OwnPagesOnly(app), headers=[(b"origin", origin)], messages=[WHOLE])
    assert bool(app.paths) == is_own
    assert [one["status"] for one in sent if "status" in one] == ([] if is_own else [403])


def test_at_the_end_nobody_waits_for_the_rest_of_a_request():
    """What has come is read; the rest never comes."""
    app = Asked()

    async def ending():
        event = asyncio.Event()
        event.set()
        return event

    asked(EndsWithServer(app, run(ending())), messages=[BEGUN])
    assert app.messages == [BEGUN, {"type": "http.disconnect"}]


def test_a_request_that_has_come_whole_is_left_alone():
    """Its answer ends by itself."""
    app = Asked()
    asked(EndsWithServer(app, asyncio.Event()), messages=[BEGUN, WHOLE])
    assert app.messages == [BEGUN, WHOLE]
