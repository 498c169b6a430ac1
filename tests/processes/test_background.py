"""Threads that end with the process, and a little before it."""

import os
import subprocess
import sys
import threading

import pytest

from eventlab.processes import background
from eventlab.processes.background import Background
from tests.waiting import until

RUNNING = """
import sys, threading
from eventlab.events import Shop
from eventlab.log import Cluster, Topic, follow, play
cluster = Cluster({"bootstrap.servers": sys.argv[1]})
topic = Topic(cluster, sys.argv[2])
heard = []
players = [play(topic, Shop(seed=n), speed=speed) for n, speed in enumerate((0, 0, 100))]
followers = [follow(topic, lambda batch: heard.append(len(batch))) for _ in range(5)]
while sum(heard) < 5_000:
    assert not any(one.error for one in players + followers)
print(threading.active_count(), flush=True)
"""

AT_EXIT = """
from eventlab.processes.background import Background
def fail():
    print("halted", flush=True)
    raise OSError("cannot be woken")
first = Background("first", lambda: first.stopping.wait(), halt=fail)
second = Background("second", lambda: second.stopping.wait(), halt=lambda: print("halted"))
first.start()
second.start()
"""


def fail():
    raise SystemExit("the work is wrong")


def test_making_one_starts_nothing():
    """The work begins with `start` and not before."""
    seen = []
    work = Background("some work", lambda: seen.append(threading.current_thread()))
    assert (work.is_alive, work.join(), seen) == (False, True, [])
    work.start()
    assert work.join(10)
    assert (seen[0].daemon, seen[0].name) == (True, "some work")


def test_starting_and_stopping_twice_is_harmless():
    """The work is done once, `halt` is called once, and every stop says that it has ended."""
    began, halted = [], []
    work = Background(
        "work", lambda: began.append(work.stopping.wait(10)), halt=lambda: halted.append(1)
    )
    for _ in range(2):
        work.start()
    assert [work.stop(10), work.stop(10)] == [True, True]
    work.start()
    assert (began, halted, work.is_alive, work.error) == ([True], [1], False, None)


def test_a_stop_before_the_start_leaves_it_unstarted():
    """Whoever closes first wins, whichever thread comes later with the start."""
    seen = []
    work = Background("work", lambda: seen.append(1))
    assert work.stop()
    work.start()
    assert (work.join(10), seen) == (True, [])


def test_an_error_is_kept_and_given_to_whoever_listens():
    """`error` keeps what ended it, `on_end` gets the same in the thread, and `wait` raises it."""
    ends = []
    work = Background(
        "work", fail, on_end=lambda error: ends.append((error, threading.current_thread().name))
    )
    work.start()
    with pytest.raises(SystemExit, match="the work is wrong"):
        work.wait(10)
    assert ends == [(work.error, "work")]


def test_an_end_without_an_error_is_reported_too():
    """`on_end` gets None, and `wait` returns True."""
    ends = []
    work = Background("work", lambda: None, on_end=ends.append)
    work.start()
    assert (work.wait(10), ends) == (True, [None])


def test_an_error_that_nobody_listens_to_is_logged(caplog):
    """Without `on_end` the log has the name of the work and what ended it."""
    work = Background("lonely work", fail)
    work.start()
    assert work.join(10)
    assert "lonely work ended with an error" in caplog.text
    assert "the work is wrong" in caplog.text


def test_a_listener_that_fails_is_logged_and_hides_nothing(caplog):
    """The error of the work stays what it is, and the listener's own is in the log."""
    work = Background("work", fail, on_end=lambda error: 1 / 0)
    work.start()
    assert work.join(10)
    assert isinstance(work.error, SystemExit)
    assert "ZeroDivisionError" in caplog.text


def test_the_work_may_stop_itself():
    """It is asked, does not wait for itself, and ends."""
    answers = []
    work = Background("work", lambda: answers.append((work.is_current, work.stop())))
    work.start()
    assert work.join(10)
    assert answers == [(True, False)]
    assert (work.is_current, work.stopping.is_set()) == (False, True)


def test_waiting_ends_when_the_time_is_up():
    """Work that goes on is said to go on, by all that wait."""
    never = threading.Event()
    work = Background("stubborn", never.wait, on_end=lambda error: None)
    work.start()
    assert [work.stop(0), work.join(0), work.wait(0)] == [False] * 3
    never.set()
    assert work.join(10)


@pytest.mark.parametrize("work", [lambda: None, fail])
def test_what_has_ended_is_forgotten(work):
    """Nothing is left of it for the end of the process, failed or not."""
    one = Background("work", work, on_end=lambda error: None)
    one.start()
    one.join(10)
    assert one not in background._running


def test_the_end_asks_everyone_and_waits_for_nobody(monkeypatch):
    """All are asked to end before any is waited for, and one that will not is left."""
    monkeypatch.setattr(background, "EXIT_SECONDS", 0.05)
    monkeypatch.setattr(background, "_running", set())
    never, halted = threading.Event(), []
    works = [
        Background(f"stubborn {n}", never.wait, halt=lambda n=n: halted.append(n)) for n in range(3)
    ]
    for work in works:
        work.start()
    background._end_all()
    assert sorted(halted) == [0, 1, 2]
    assert all(work.is_alive for work in works)
    never.set()
    until(lambda: not any(work.is_alive for work in works))


def test_a_process_that_ends_asks_all_even_when_one_cannot_be_asked():
    """Each is asked by itself, without anybody calling `stop`, and the failure is logged."""
    ended = subprocess.run(
        [sys.executable, "-c", AT_EXIT], capture_output=True, encoding="utf-8", check=True
    )
    assert ended.stdout == "halted\nhalted\n"
    assert "first could not be asked to end" in ended.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_forked_child_ends_nothing_of_its_parents():
    """Its own end asks nothing to stop: the work goes on where it was started."""
    code = (
        "import os; from eventlab.processes.background import Background\n"
        "work = Background('work', lambda: work.stopping.wait(), halt=lambda: print(os.getpid()))\n"
        "work.start()\n"
        "child = os.fork()\n"
        "if child:\n"
        "    os.waitpid(child, 0)\n"
        "    print(os.getpid(), work.is_alive, flush=True)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True
    )
    parent = done.stdout.split()[0]
    assert done.stdout.splitlines() == [f"{parent} True", parent]


@pytest.mark.parametrize("attempt", range(2))
def test_a_process_with_running_threads_ends_in_peace(cluster, new_topic, attempt):
    """Players and followers in the middle of their work: status 0, and not a word on stderr."""
    command = [sys.executable, "-c", RUNNING, cluster.settings["bootstrap.servers"]]
    ended = subprocess.run(
        [*command, new_topic(3).name],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert int(ended.stdout) >= 9
