import os

import pytest

from eventlab.errors import CallError, ServiceError, UsageError
from tests.services import apps
from tests.waiting import until


@pytest.fixture
def counted(mesh):
    """Return a service in a thread, and the list that it adds to."""
    seen = []

    def note(request):
        seen.append(request.url.path)
        return {"seen": len(seen)}

    return mesh.serve("a", note, where="thread"), seen


def test_it_sees_what_the_notebook_has(counted):
    """The very same objects, in the same process."""
    service, seen = counted
    assert service.ask("/one") == {"seen": 1}
    seen.append("of the notebook's own")
    assert service.ask("/two") == {"seen": 3}
    assert seen == ["/one", "of the notebook's own", "/two"]
    assert service.pid == os.getpid()


def test_it_is_stopped_and_started_again(counted):
    """At the same port; in between it refuses."""
    service, _ = counted
    url = service.url
    service.stop()
    assert service.state == "stopped"
    with pytest.raises(CallError) as caught:
        service.ask("/")
    assert caught.value.reason == "refused"
    service.start()
    assert (service.ask("/")["seen"], service.url) == (1, url)


@pytest.mark.parametrize("what", ["kill", "suspend"])
def test_it_can_be_neither_killed_nor_frozen(counted, what):
    """The kernel would be; it goes on, and the error says what to do."""
    service, _ = counted
    with pytest.raises(UsageError, match='where="process"'):
        getattr(service, what)()
    assert service.ask("/") == {"seen": 1}


def test_what_fails_in_it_is_known(mesh):
    """A request that failed is counted, with the learner's own line."""

    def divide(_request):
        return 1 / 0

    service = mesh.serve("a", divide, where="thread")
    with pytest.raises(CallError) as caught:
        service.ask("/")
    assert caught.value.status == 500
    until(lambda: service.failures == 1)
    assert "in line" in str(service.error)


def test_an_app_that_does_not_start_is_one_error_and_leaves_its_port(mesh):
    """As in a process of its own: what was there before goes on to answer."""
    with pytest.raises(ServiceError):
        mesh.serve("a", apps.starlette_app(apps._no_start), where="thread")
    service = mesh.serve("a", apps.hello, where="thread")
    with pytest.raises(ServiceError):
        service.redeploy(apps.starlette_app(apps._no_start))
    assert [service.ask("/tea") for _ in range(5)] == [{"hello": "/tea"}] * 5


def test_it_is_deployed_anew(counted, mesh):
    """The old one ends when the new one takes requests."""
    service, _ = counted
    service.redeploy(lambda _request: {"new": True})
    assert service.ask("/") == {"new": True}
