import numpy
import pytest

from eventlab.processes.child import spawn
from eventlab.services.load_report import REFUSED
from eventlab.services.load_worker import STOP, Answers, Begun, Plan, poisson_plan

pytestmark = pytest.mark.processes


def plan(url: str, moments, **fields) -> Plan:
    """Return a plan of some moments."""
    others = {"method": "GET", "bodies": [], "headers": {}, "timeout_seconds": 60.0}
    return Plan(
        url=url,
        planned_seconds=numpy.array(moments, dtype=float),
        most_in_flight=100,
        **others | fields,
    )


@pytest.fixture
def worker():
    """Return a process of a load, without its owner's side; it is ended at the end."""
    child = spawn("eventlab.services.load_worker")
    yield child
    child.end()
    child.close()


def frames(child) -> list:
    """Return what it says until its end."""
    found = []
    while (frame := child.receive()) is not None:
        found.append(frame)
    return found


def test_it_says_when_it_begins_and_how_each_request_ended(worker, http_service):
    """Each number once; None is the end."""
    worker.send(plan(http_service.url("/200"), [0.0, 0.1, 0.1, 0.3]))
    begun, *answers = frames(worker)
    assert isinstance(begun, Begun)
    assert all(isinstance(one, Answers) for one in answers)
    assert sorted(number for one in answers for number in one.numbers) == [0, 1, 2, 3]
    assert {status for one in answers for status in one.status} == {200}
    assert worker.wait() == 0


def test_it_is_stopped_by_a_command(worker, http_service):
    """What is under way ends at once, and what was not sent is not spoken of."""
    worker.send(plan(http_service.url("/hang"), [0.0, 3600.0]))
    assert isinstance(worker.receive(), Begun)
    worker.command(STOP)
    assert sum(len(one.numbers) for one in frames(worker)) <= 1
    assert worker.wait() == 0


def test_connections_are_kept(worker, http_service):
    """One after the other, a thousand requests need few of them."""
    worker.send(plan(http_service.url("/200"), numpy.linspace(0, 1, 200)))
    frames(worker)
    assert http_service.requests["GET /200"] == 200
    assert http_service.connections < 100


def test_a_refusal_is_one_whatever_this_machine_is_called(worker):
    """By a name it has several addresses."""
    worker.send(plan("http://localhost:1/", [0.0]))
    (status,) = [status for one in frames(worker)[1:] for status in one.status]
    assert status == REFUSED


def test_requests_are_planned_as_chance_has_it():
    """A Poisson process: gaps of which the standard deviation is their mean, counts likewise."""
    gaps = numpy.diff(poisson_plan(1000, 100, seed=1))
    assert gaps.mean() == pytest.approx(1e-3, rel=0.02)
    assert gaps.std() == pytest.approx(1e-3, rel=0.03)
    counts = [len(poisson_plan(100, 1, seed)) for seed in range(2000)]
    assert numpy.mean(counts) == pytest.approx(100, rel=0.02)
    assert numpy.var(counts) == pytest.approx(100, rel=0.15)
