import json
import os
import signal
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import psutil
import pytest

from eventlab.errors import ServiceError, UsageError
from eventlab.events import Shop, encode
from eventlab.services.load import Load
from tests.waiting import until

pytestmark = pytest.mark.processes

LEFT_RUNNING = """
from eventlab.services.load import Load

load = Load("http://127.0.0.1:1/", rate_per_second=1, seconds=600).start()
print(load.pid, flush=True)
input()
"""


@pytest.fixture
def loads():
    """Return what starts a load; each is stopped at the end, and nothing is left of it."""
    made = []

    def start(url: str, **options) -> Load:
        made.append(Load(url, **{"rate_per_second": 400, "seconds": 0.5} | options))
        return made[-1].start()

    yield start
    for load in made:
        load.stop()
        assert not psutil.pid_exists(load.pid)


@pytest.fixture
def nowhere() -> str:
    """Return a URL at which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{one.getsockname()[1]}/"


def test_every_planned_request_is_sent_once_and_answered(loads, http_service):
    """The service has counted them, and each has its figures."""
    before = datetime.now(UTC)
    load = loads(http_service.url("/200"))
    report = load.wait(60)
    assert 100 < load.planned < 300
    assert http_service.requests == {"GET /200": load.planned}
    assert report.counts == {"200": load.planned}
    assert report.sent == len(report) == load.planned
    assert (report.lateness_seconds >= 0).all()
    assert (report.latency_seconds > report.lateness_seconds).all()
    assert before < report.started_at < datetime.now(UTC) + timedelta(seconds=1)
    assert (load.is_alive, load.error) == (False, None)


def test_the_plan_is_the_seed_s(nowhere):
    """Same seed, same moments; another seed, others; the rate is the average."""
    plans = [
        Load(nowhere, rate_per_second=1000, seconds=20, seed=seed).report.planned_seconds.tolist()
        for seed in (1, 1, 2)
    ]
    assert plans[0] == plans[1] != plans[2]
    assert plans[0] == sorted(plans[0])
    assert 19_000 < len(plans[0]) < 21_000
    assert plans[0][0] >= 0
    assert plans[0][-1] < 20


def test_bodies_are_sent_in_turn_as_json(loads, http_service):
    """By POST, events among them."""
    order = next(iter(Shop(seed=1).orders()))
    bodies = [{"id": "é"}, [1, None], order]
    as_json = [{"id": "é"}, [1, None], json.loads(encode(order))]
    load = loads(http_service.url("/201"), bodies=bodies, headers={"x-user": "ann"})
    report = load.wait(60)
    assert report.counts == {"201": load.planned}
    assert http_service.requests == {"POST /201": load.planned}
    sent = [json.loads(body) for body in http_service.bodies]
    expected = [as_json[n % 3] for n in range(load.planned)]
    assert sorted(map(repr, sent)) == sorted(map(repr, expected))
    head = http_service.heads[0].lower()
    assert "content-type: application/json" in head
    assert "x-user: ann" in head


@pytest.mark.parametrize("status", [201, 302, 404, 503])
def test_any_status_is_an_answer(loads, http_service, status):
    """A redirection is not followed."""
    load = loads(http_service.url(f"/{status}"), method="PUT")
    assert load.wait(60).counts == {str(status): load.planned}
    assert http_service.requests == {f"PUT /{status}": load.planned}


def test_who_does_not_listen_refuses(loads, nowhere):
    """That is a status, and no error."""
    load = loads(nowhere)
    report = load.wait(60)
    assert report.counts == {"refused": load.planned}
    assert (load.error, report.percentiles()) == (None, {})


def test_who_hangs_up_resets_and_nothing_is_sent_twice(loads, http_service):
    """Though aiohttp would send a GET again on a kept connection."""
    load = loads(http_service.url("/reset"))
    assert load.wait(60).counts == {"reset": load.planned}
    assert http_service.requests == {"GET /reset": load.planned}


def test_who_hangs_times_out_and_all_are_under_way_at_once(loads, http_service):
    """An open model: no request waits for another's end."""
    load = loads(http_service.url("/hang"), timeout_seconds=2)
    report = load.wait(60)
    assert report.counts == {"timeout": load.planned}
    assert http_service.connections == load.planned
    assert min(report.latency_seconds) > 1.5
    assert report.percentiles(50)[50] > 1_500


def test_more_than_the_bound_are_not_sent(loads, http_service):
    """They are counted, and the report refuses to speak for the service."""
    load = loads(http_service.url("/hang"), timeout_seconds=60, most_in_flight=10)
    until(lambda: load.report.counts.get("too many") == load.planned - 10)
    load.stop()
    assert load.wait().counts == {"too many": load.planned - 10, "stopped": 10}
    assert http_service.requests == {"GET /hang": 10}
    with pytest.raises(ServiceError, match="did not keep up"):
        load.report.require_kept_up(60)


def test_rows_come_as_it_runs(loads, http_service):
    """Each ended request once, with what the report has of it."""
    rows = []
    load = loads(http_service.url("/200"), seconds=1, on_rows=rows.extend)
    frame = load.wait(60).frame()
    assert sorted(row["number"] for row in rows) == list(range(load.planned))
    for row in rows:
        one = frame.iloc[row["number"]]
        assert row["status"] == one["status"] == "200"
        assert row["latency_ms"] == one["latency_ms"]
        assert row["lateness_ms"] == one["lateness_ms"]
        assert row["planned_seconds"] == one["planned_seconds"]


def test_rows_come_before_the_end(loads, http_service):
    """A picture draws each answer as it comes."""
    rows = []
    load = loads(http_service.url("/200"), seconds=600, on_rows=rows.extend)
    until(lambda: len(rows) > 50)
    assert load.is_alive
    assert load.report.counts["200"] > 50


def test_what_rows_raise_ends_the_load_and_is_its_error(loads, http_service):
    """It is shown where the learner waits."""

    def fail(_rows):
        raise LookupError("a slip of the learner's")

    load = loads(http_service.url("/200"), seconds=600, on_rows=fail)
    with pytest.raises(LookupError):
        load.wait(60)
    assert not load.is_alive


def test_it_is_stopped_before_its_end(loads, http_service):
    """What was under way is stopped, what came later is unsent; nothing of it is an error."""
    load = loads(http_service.url("/hang"), seconds=600, timeout_seconds=600)
    until(lambda: http_service.requests["GET /hang"] >= 20)
    load.stop()
    load.stop()
    counts = load.wait().counts
    assert set(counts) == {"unsent", "stopped"}
    assert counts["stopped"] >= 20
    assert sum(counts.values()) == load.planned
    assert (load.is_alive, load.error) == (False, None)


def test_it_is_stopped_before_it_began(loads, http_service):
    """And one that was never started stays so."""
    load = loads(http_service.url("/200"), seconds=600)
    load.stop()
    assert load.wait().counts.get("unsent", 0) > 0
    never = Load(http_service.url("/200"), rate_per_second=1, seconds=1)
    never.stop()
    assert never.start().pid is None
    assert never.wait().sent == 0


def test_started_twice_it_runs_once(loads, http_service):
    """In a with statement too."""
    load = loads(http_service.url("/200"))
    with load:
        load.wait(60)
    assert http_service.requests.total() == load.planned


def test_a_process_that_is_killed_is_named(loads, http_service):
    """What it has seen until then is in its report."""
    load = loads(http_service.url("/200"), seconds=600)
    until(lambda: load.report.sent > 10)
    os.kill(load.pid, signal.SIGKILL)
    with pytest.raises(ServiceError, match="signal 9"):
        load.wait(60)
    assert load.report.sent > 10


def test_it_ends_with_its_owner():
    """kill -9 included."""
    with subprocess.Popen(
        [sys.executable, "-c", LEFT_RUNNING], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as owner:
        pid = int(owner.stdout.readline())
        assert psutil.pid_exists(pid)
        owner.kill()
    until(lambda: not psutil.pid_exists(pid))


def test_no_requests_are_a_report_too(loads, http_service):
    """A low rate over a short time may have none."""
    load = loads(http_service.url("/200"), rate_per_second=1e-6)
    report = load.wait(60).require_kept_up()
    assert (load.planned, len(report), report.percentiles(), report.counts) == (0, 0, {}, {})


GOOD = {"url": "http://127.0.0.1:80/", "rate_per_second": 1, "seconds": 1}
NAN = float("nan")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "fast",
        "http://127.0.0.1/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:port/",
        "http://[::1:80/",
        "https://127.0.0.1:80/",
        "http://ann@127.0.0.1:80/",
        "http://127.0.0.1.example:80/",
        "http://192.168.0.1:80/",
        "http://0.0.0.0:80/",
        "127.0.0.1:80",
        "http://127.0.0.1:80/a b",
        "http://127.0.0.1:80/a\r\nb",
    ],
)
def test_a_url_is_of_this_machine(url):
    """A load on somebody else's is an attack."""
    with pytest.raises(UsageError, match=r"on this URL.*127\.0\.0\.1:8080"):
        Load(**GOOD | {"url": url})


@pytest.mark.parametrize(
    "url", ["http://localhost:80", "http://[::1]:80/", "http://127.0.0.1:80/a/b?c=d"]
)
def test_a_good_url_is_taken(url):
    """However this machine is called."""
    Load(**GOOD | {"url": url})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("rate_per_second", value) for value in (0, -1, NAN, float("inf"), "1", None, 10**6)],
        *[("seconds", value) for value in (0, -1, NAN, float("inf"), "1", None, 10**6)],
        *[("timeout_seconds", value) for value in (0, -1, NAN, None)],
        *[("seed", value) for value in (-1, 1.5, None)],
        *[("method", value) for value in ("get", "FETCH", 3)],
        *[("most_in_flight", value) for value in (0, 1.5, 10**9, None)],
        *[("headers", value) for value in (3, {"a": 3}, {"a": "b\r\nc: d"}, {"": "b"}, {"é": "b"})],
        *[("bodies", value) for value in ([], 3, "text", {"id": 1}, iter([1]))],
        ("on_rows", 3),
        ("url", None),
    ],
)
def test_a_wrong_argument_is_refused_by_its_name(name, value):
    """Before anything is started."""
    with pytest.raises(UsageError, match=f"argument {name} is not valid"):
        Load(**GOOD | {name: value})


@pytest.mark.parametrize(
    "body", [{1, 2}, NAN, {"cents": NAN}, object(), b"bytes", "\ud800", {(1, 2): 3}, datetime.max]
)
def test_what_is_no_json_is_no_body(body):
    """Its number says which of them it is."""
    with pytest.raises(UsageError, match="body 1 of the load is no JSON"):
        Load(**GOOD | {"bodies": [{}, body]})


def test_too_many_requests_are_refused():
    """They would not fit into the memory."""
    with pytest.raises(UsageError, match="so many requests"):
        Load(**GOOD | {"rate_per_second": 100_000, "seconds": 1000})
