"""Threads that end with the process, and a little before it."""

import subprocess
import sys
import threading

import pytest

from eventlab.log import background
from tests.waiting import until

RUNNING = """
import sys, threading
from eventlab.events import Shop
from eventlab.log import Cluster, Player, Topic, follow
cluster = Cluster({"bootstrap.servers": sys.argv[1]})
topic = Topic(cluster, sys.argv[2])
heard = []
players = [Player(topic, Shop(seed=n), speed=speed) for n, speed in enumerate((0, 0, 100))]
followers = [follow(topic, lambda batch: heard.append(len(batch))) for _ in range(5)]
while sum(heard) < 5_000:
    assert not any(one.error for one in players + followers)
print(threading.active_count(), flush=True)
"""


def test_work_is_done_in_a_daemon_thread_with_a_name():
    """It keeps no kernel from ending, and is forgotten when it has ended."""
    go, seen = threading.Event(), []
    thread = background.run("some work", lambda: seen.append(go.wait(10)), go.set)
    assert (thread.daemon, thread.name, thread in background._running) == (True, "some work", True)
    go.set()
    until(lambda: not thread.is_alive())
    assert seen == [True]
    assert thread not in background._running


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_work_that_fails_is_forgotten_too():
    """An error in the thread leaves nothing behind."""
    go = threading.Event()

    def fail():
        go.wait(10)
        raise SystemExit

    thread = background.run("failing work", fail, go.set)
    go.set()
    until(lambda: not thread.is_alive())
    assert thread not in background._running


def test_the_end_halts_everyone_and_waits_for_nobody(monkeypatch):
    """All are asked to end before any is waited for, and one that will not is left."""
    monkeypatch.setattr(background, "EXIT_SECONDS", 0.05)
    monkeypatch.setattr(background, "_running", {})
    never, halted = threading.Event(), []
    threads = [
        background.run(f"stubborn {n}", never.wait, lambda n=n: halted.append(n)) for n in range(3)
    ]
    background._end_all()
    assert halted == [0, 1, 2]
    assert all(thread.is_alive() for thread in threads)
    never.set()
    until(lambda: not any(thread.is_alive() for thread in threads))


def test_a_process_that_ends_halts_what_runs():
    """The halt is called by itself, without anybody asking for it."""
    code = (
        "import threading; from eventlab.log import background; halted = threading.Event();"
        "background.run('work', halted.wait, lambda: (print('halted', flush=True), halted.set()))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout == "halted\n"


@pytest.mark.parametrize("attempt", range(2))
def test_a_process_with_running_threads_ends_in_peace(cluster, new_topic, attempt):
    """Players and followers in the middle of their work: status 0, and not a word on stderr."""
    command = [sys.executable, "-c", RUNNING, cluster.settings["bootstrap.servers"]]
    ended = subprocess.run(
        [*command, new_topic(3).name], capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert int(ended.stdout) >= 9
