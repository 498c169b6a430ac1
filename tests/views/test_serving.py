import http.client
import json
import os

import pytest

from eventlab import views
from eventlab.errors import CallError, UsageError
from eventlab.services import Faults
from eventlab.views import Memory, View
from eventlab.views.stores import Store
from tests.log.schemas.made import CENTS, record
from tests.views import apps
from tests.views.counts import SQL, count_in, filled, oracle
from tests.waiting import until

pytestmark = pytest.mark.broker


@pytest.fixture
def topic(lab):
    """Return a topic with orders."""
    return filled(lab.new_topic("orders", partitions=2), 100)


def asked(service, path: str) -> tuple[int, str, object]:
    """Return status, position and answer."""
    line = http.client.HTTPConnection("127.0.0.1", service.port, timeout=20)
    try:
        line.request("GET", path)
        answer = line.getresponse()
        return answer.status, answer.getheader("View-Position"), json.loads(answer.read())
    finally:
        line.close()


def ends_of(topic) -> str:
    """Return where a topic ends, as a request says it."""
    return ",".join(f"{number}:{end}" for number, end in topic.end_offsets().items())


def served(lab, store: Store, name: str, topic, answer=apps.one, **options):
    """Return a service with a view of the counts."""
    view = count_in(store, lab.name(name), topic)
    return lab.serve("counts", views.app(view, answer, **options))


def test_it_answers_with_rows_and_position(lab, topic, store, name):
    """From a view in its own process, which had everything when it took the first request."""
    service = served(lab, store, name, topic)
    ends = topic.end_offsets()
    at = f"0:{ends[0]},1:{ends[1]}"
    assert asked(service, "/c1") == (200, at, list(oracle(topic)["c1"]))
    assert asked(service, "/nobody") == (200, at, [])
    assert served(lab, store, f"{name}b", topic, apps.pid).ask("/") != os.getpid()


def test_a_read_waits_for_a_position(lab, topic, store, name):
    """What was written before is in the answer."""
    service = served(lab, store, name, topic, timeout_seconds=30)
    for round_ in range(2):
        filled(topic, 10, 100 + 10 * round_)
        ends = ends_of(topic)
        status, at, answer = asked(service, f"/c1?at-least={ends}")
        assert (status, at, answer) == (200, ends, list(oracle(topic)["c1"]))


def test_what_does_not_come_in_time_is_504(lab, topic, name):
    """With how far the view is; and what is no position of it is 400."""
    service = served(lab, Memory(), name, topic, timeout_seconds=0.1)
    status, at, answer = asked(service, "/c1?at-least=1000")
    assert (status, answer["position"]) == (504, at)
    assert "has not reached 1000 within 0.1 s" in answer["error"]
    for wrong in ("x", "7:1", "0:-1"):
        assert asked(service, f"/c1?at-least={wrong}")[0] == 400


def test_a_view_that_has_stopped_says_so(lab, name):
    """What it has is answered; who waits for more gets 503, with the reason."""
    topic = filled(lab.new_topic("orders"), 9)
    view = View(lab.name(name), apps.fragile, of=topic)
    service = lab.serve("counts", views.app(view, apps.one))
    filled(topic, 5, 9)
    until(lambda: asked(service, "/c1?at-least=14")[0] == 503)
    status, at, answer = asked(service, "/c1?at-least=14")
    assert (status, at) == (503, "0:9")
    assert "partition 0, offset 9" in answer["error"]
    assert asked(service, "/c1")[0] == 200


def test_a_response_of_its_own_has_the_position_too(lab, topic, name):
    """Also where it is awaited; and only a GET is answered."""
    service = served(lab, Memory(), name, topic, apps.later)
    status, at, answer = asked(service, "/")
    assert (status, answer) == (200, "later")
    assert at.startswith("0:")
    with pytest.raises(CallError, match="405"):
        service.ask("/", json={})


def test_another_service_asks_it(lab, topic, name):
    """By a call, and waits for a position through it."""
    served(lab, SQL, name, topic)
    front = lab.serve("front", apps.asking, calls=["counts"])
    filled(topic, 10, 100)
    assert front.ask(f"/?at-least={ends_of(topic)}") == list(oracle(topic)["c1"])


def test_its_way_to_the_log_is_the_services_own(lab, topic, name):
    """Cut off it answers, from what it has, and ages; healed it has all."""
    view = count_in(Memory(), lab.name(name), topic)
    service = lab.serve("counts", views.app(view, apps.one, 0.2), log_link=True)
    before = oracle(topic)["c1"]
    lab.link("counts", "log").set(Faults(mode="refuse"))
    filled(topic, 50, 100)
    assert asked(service, f"/c1?at-least={ends_of(topic)}")[0] == 504
    assert asked(service, "/c1")[2] == list(before)
    lab.link("counts", "log").heal()
    until(lambda: asked(service, f"/c1?at-least={ends_of(topic)}")[0] == 200)


def test_killed_and_started_again_it_has_everything(lab, topic, store, name):
    """It takes requests when it has caught up."""
    service = served(lab, store, name, topic)
    service.kill()
    filled(topic, 30, 100)
    service.start()
    assert asked(service, "/c1")[2] == list(oracle(topic)["c1"])


def test_in_a_thread_it_is_the_notebooks_own_view(lab, topic, name):
    """It goes on when the service ends."""
    view = lab.keep(count_in(Memory(), lab.name(name), topic)).start()
    service = lab.serve("counts", views.app(view, apps.one), where="thread")
    assert service.ask("/c1") == list(oracle(topic)["c1"])
    service.stop()


def test_a_time_out_of_nothing_is_refused(lab, topic, name):
    """Before anything is served."""
    with pytest.raises(UsageError, match="timeout_seconds"):
        views.app(count_in(Memory(), name, topic), apps.one, timeout_seconds=0)


def test_a_view_under_a_contract_is_served_too(lab, name):
    """Its process asks the registry itself for a version that it does not know."""
    registry, topic = lab.new_registry(), lab.new_topic("orders")
    first = registry.contract(topic, record(CENTS), compatibility="FULL")
    lab.produce([("c1", {"cents": 5})], into=topic, contract=first)
    view = count_in(SQL, name, topic, contract=first)
    service = lab.serve("counts", views.app(view, apps.one))
    assert service.ask("/c1") == [1, 5]
    note = {"name": "note", "type": "string", "default": "-"}
    second = registry.contract(topic, record(CENTS, note))
    lab.produce([("c1", {"cents": 7, "note": "x"})], into=topic, contract=second)
    assert service.ask("/c1?at-least=2") == [2, 12]
