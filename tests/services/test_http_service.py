import os
import signal
import socket
import threading
from collections import Counter

import psutil
import pytest

from eventlab.errors import CallError, ServiceError, UsageError
from tests.services import apps
from tests.services.ways import BOTH
from tests.waiting import until

pytestmark = pytest.mark.processes


def refusal(service, *arguments, **options) -> CallError:
    """Return the error with which a request ends."""
    with pytest.raises(CallError) as caught:
        service.ask(*arguments, **options)
    assert caught.value.remedy
    return caught.value


@BOTH
def test_it_answers_in_a_process_of_its_own(mesh):
    """Every path, by a function of the request; and it ends with the mesh."""
    service = mesh.serve("greeter", apps.hello)
    assert service.ask("/a b?c=é") == {"hello": "/a b"}
    pid = service.pid
    assert pid != os.getpid()
    mesh.close()
    assert (service.state, service.pid) == ("stopped", None)
    until(lambda: not psutil.pid_exists(pid))


@BOTH
def test_it_is_refused_while_it_is_dead_and_comes_back_at_its_port(mesh):
    """A call is refused at once, in place of a wait; what was started again answers."""
    service = mesh.serve("a", apps.own_pid)
    first = service.ask()
    service.kill()
    assert (service.state, service.is_alive) == ("killed", False)
    error = refusal(service)
    assert error.reason == "refused"
    assert "The service is killed" in str(error)
    port = service.port
    assert service.start().ask() != first
    assert service.port == port


@BOTH
def test_a_frozen_one_says_nothing_until_it_is_resumed(mesh):
    """The request waits and times out; the state says why, and a stop ends it all the same."""
    service = mesh.serve("a", apps.hello)
    service.suspend()
    assert (service.state, service.is_alive) == ("frozen", False)
    assert refusal(service, timeout_seconds=0.05).reason == "timeout"
    service.resume()
    assert service.ask() == {"hello": "/"}
    assert service.state == "up"
    service.suspend()
    service.stop()
    assert service.state == "stopped"


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b"\xff", 400), (b"", 400), (b'{"a": 1}', 200)]
)
def test_a_body_that_is_no_json_is_the_caller_s_fault(mesh, body, status):
    """Status 400, and nothing is counted as a failure of the service."""
    service = mesh.serve("echo", apps.echo)
    with socket.create_connection(("127.0.0.1", service.port)) as line:
        line.sendall(b"POST / HTTP/1.0\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        assert line.recv(1000).startswith(b"HTTP/1.1 %d" % status)
    assert service.failures == 0


def test_an_answer_that_is_no_json_is_said(mesh):
    """By whoever has asked: the service has done what it wanted."""
    error = refusal(mesh.serve("a", apps.no_json))
    assert error.reason == "answer"
    assert "no JSON" in str(error)


@pytest.mark.parametrize("app", [apps.broken, apps.unwritable])
def test_what_a_handler_raises_is_a_500_with_the_learner_s_own_line(mesh, app):
    """The answer has the error, the service goes on, and each failure is counted."""
    service = mesh.serve("a", app)
    errors = [refusal(service) for _ in range(10)]
    assert {(error.reason, error.status) for error in errors} == {("status 500", 500)}
    until(lambda: service.failures == 10)
    assert service.state == "up"
    assert "Error" in str(service.error)
    if app is apps.broken:
        assert "line" in str(service.error)
        assert "of broken: return 1 / 0" in str(service.error)
    assert "Traceback" in service.output


def test_a_starlette_app_has_its_own_paths(mesh):
    """What it does not know is 404; its start and its end are run; what it raises is reported."""
    service = mesh.serve("a", apps.starlette_app())
    assert service.ask("/known") == "known"
    assert refusal(service, "/unknown").status == 404
    assert refusal(service, "/broken").status == 500
    until(lambda: service.failures == 1)
    assert "of _broken: raise LookupError" in str(service.error)
    service.stop()
    assert service.output.startswith("begins\n")
    assert "ends" in service.output.splitlines()


@BOTH
@pytest.mark.parametrize(
    ("app", "words"),
    [
        (apps.starlette_app(apps.no_start), r"LookupError: no database.*of _no_start: raise"),
        (
            apps.starlette_app(apps.exit_at_start),
            r"SystemExit: not today.*of _exit_at_start: raise",
        ),
        (apps.Unloadable(), r"LookupError: not to be had here.*of _fail: raise"),
        (apps.Exits(), r"did not start.*status 5"),
    ],
    ids=["lifespan", "exit", "unpickled", "no word"],
)
def test_one_that_does_not_start_says_where(mesh, app, words):
    """In the learner's own line; nothing is left of it, and its name may be used again."""
    with pytest.raises(ServiceError, match=words):
        mesh.serve("a", app)
    assert mesh.services == {}
    assert mesh.serve("a", apps.hello).ask() == {"hello": "/"}


@pytest.mark.parametrize("app", [apps.endless, apps.blocked])
def test_a_handler_that_never_returns_does_not_keep_it(mesh, app):
    """It is cancelled, or the process is killed; whoever waits for the answer is told."""
    service = mesh.serve("a", app)
    errors = []
    asking = threading.Thread(target=lambda: errors.append(refusal(service, timeout_seconds=30)))
    asking.start()
    until(lambda: psutil.Process(service.pid).net_connections())
    service.stop()
    asking.join(30)
    assert service.state == "stopped"
    assert [error.reason for error in errors] in (["reset"], ["status 500"])


def test_one_that_dies_while_it_answers_has_failed(mesh):
    """The caller sees a reset; the error says with which status, and what it printed last."""
    service = mesh.serve("a", apps.dies)
    assert refusal(service).reason == "reset"
    until(lambda: service.state == "failed")
    assert "status 7 after: dying" in str(service.error)
    assert "has ended" in str(refusal(service))
    service.start()
    assert service.error is None


def test_what_ended_it_is_not_hidden_by_what_failed_before(mesh):
    """A request that failed once is not why the process was killed from outside."""
    service = mesh.serve("a", apps.broken)
    refusal(service)
    until(lambda: service.failures == 1)
    os.kill(service.pid, signal.SIGKILL)
    until(lambda: service.state == "failed")
    assert "signal 9" in str(service.error)
    service.restart()
    service.kill()
    assert "The service is killed" in str(refusal(service))


# -- deployed anew ------------------------------------------------------------------------------


@BOTH
def test_no_request_is_lost_while_it_is_deployed_anew(mesh):
    """Not one of those who call without a pause is refused or reset, and the last one serves."""
    service = mesh.serve("a", apps.Version(0))
    seen = Counter()
    lost = []
    is_over = threading.Event()

    def ask() -> None:
        while not is_over.is_set():
            try:
                seen[service.ask(timeout_seconds=30)] += 1
            except CallError as error:
                lost.append(str(error))

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for one in askers:
        one.start()
    for number in range(1, 6):
        service.redeploy(apps.Version(number))
        until(lambda number=number: seen[number] > 5)
    is_over.set()
    for one in askers:
        one.join()
    assert lost == []
    assert (service.ask(), service.state) == (5, "up")


def test_one_that_does_not_start_leaves_the_old_one_there(mesh):
    """And it is the old one that is started again later."""
    service = mesh.serve("a", apps.own_pid)
    first = service.ask()
    with pytest.raises(ServiceError, match="no database"):
        service.redeploy(apps.starlette_app(apps.no_start))
    with pytest.raises(UsageError, match="cannot be served"):
        service.redeploy(7)
    assert {service.ask() for _ in range(20)} == {first}
    assert isinstance(service.restart().ask(), int)


def test_one_that_is_dead_is_deployed_anew_too(mesh):
    """There is no old one to end."""
    service = mesh.serve("a", apps.Version(1))
    service.kill()
    assert service.redeploy(apps.Version(2)).ask() == 2
    assert service.state == "up"


def test_an_interrupt_while_it_starts_leaves_nothing_at_its_port(mesh, monkeypatch):
    """The learner has pressed stop: the process that nobody knows of has ended too."""
    service = mesh.serve("a", apps.own_pid)
    first = service.ask()
    with monkeypatch.context() as patch:
        patch.setattr("eventlab.services.life.Life._await_start", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            service.redeploy(apps.Version(2))
    assert {service.ask() for _ in range(20)} == {first}


def _interrupted(life) -> None:
    raise KeyboardInterrupt


# -- wrong calls --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        {"path": "no-slash"},
        {"path": "/" + "x" * 9_000},
        {"path": None},
        {"json": object()},
        {"json": {1, object()}},
        {"method": "get it"},
        {"method": "G\r\nX"},
        {"timeout_seconds": 0},
        {"timeout_seconds": 1e300},
        {"timeout_seconds": "soon"},
    ],
)
def test_a_request_that_cannot_be_sent_is_refused(mesh, wrong):
    """Before anything is done, with what would be taken."""
    service = mesh.serve("a", apps.hello)
    with pytest.raises(UsageError, match=r"expected .* found"):
        service.ask(**wrong)


def test_a_method_of_one_s_own_is_sent(mesh):
    """GET without a body, POST with one, or what is asked for."""
    service = mesh.serve("a", apps.hello)
    assert service.ask(method="DELETE") == {"hello": "/"}
    assert mesh.serve("b", apps.echo).ask(json=[1, "é"]) == [1, "é"]


def test_an_empty_answer_is_nothing(mesh):
    """As for a deletion."""
    assert mesh.serve("a", apps.endless).ask("/other") is None
