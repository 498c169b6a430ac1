"""Who works while others are killed: each in a process of its own, as a notebook's kernel is.

`sender` produces numbered events for as long as it lives, and writes down what was acknowledged;
`counter` runs a flow in processes of its own, with a recovery store; `reader` follows what the flow
writes. Whatever ends what they do, they go on with it, as a learner would who runs the cell again;
that the broker starts again is another's work. They end when their standard input does.
"""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path

import psutil

from eventlab.broker import join
from eventlab.errors import EventlabError
from eventlab.flows import run
from eventlab.log import Cluster, Topic, produce
from eventlab.log.decoding import Batch
from eventlab.log.following import Follower
from tests.broker.homes import PROJECT
from tests.streams.counting import counting

SENT, COUNTED = "kills.sent", "kills.counted"
CUSTOMERS = 7
_PAUSE_SECONDS = 0.05
_BATCH = 25


class Role:
    """A process that has a role, started anew each time that it was killed."""

    def __init__(self, name: str, folder: Path):
        self.name = name
        self._folder = folder
        self._errors = (folder / f"{name}.errors").open("ab")
        self._number = count()
        self.start()

    def start(self) -> None:
        """Start it, or start it again."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.kills.roles", self.name, str(next(self._number))],
            cwd=self._folder,
            env=os.environ | {"PYTHONPATH": str(PROJECT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            start_new_session=True,
        )

    def revive(self) -> None:
        """Start it again if it has ended."""
        if self.process.poll() is not None:
            self.process.stdin.close()
            self.start()

    def children(self) -> list[psutil.Process]:
        """Return the processes of its flow."""
        try:
            mine = psutil.Process(self.process.pid).children(recursive=True)
            return [one for one in mine if "eventlab.flows.worker" in one.cmdline()]
        except psutil.NoSuchProcess:
            return []

    def end(self) -> None:
        """Let it come to its end by itself; a second time is harmless."""
        self.process.stdin.close()
        self.process.wait(60)
        self._errors.close()


def main() -> None:
    """Play the role that is named, as its so-manieth player, in the folder that is current."""
    name, number = sys.argv[1:]
    seat = join(f"{name} {number}")
    cluster = Cluster(seat.client_settings)
    is_over = threading.Event()
    threading.Thread(target=_await_end, args=[is_over], daemon=True).start()
    with seat, suppress(KeyboardInterrupt):
        _ROLES[name](cluster, number, is_over)


def _await_end(is_over: threading.Event) -> None:
    sys.stdin.read()
    is_over.set()


def _send(cluster: Cluster, number: str, is_over: threading.Event) -> None:
    topic = Topic(cluster, SENT)
    with Path(f"acknowledged.{number}").open("a", encoding="utf-8") as acknowledged:
        for first in count(step=_BATCH):
            if is_over.wait(_PAUSE_SECONDS):
                return
            events = [
                {"event_id": f"{number}.{first + one}", "customer": f"c{(first + one) % CUSTOMERS}"}
                for one in range(_BATCH)
            ]
            try:
                produce(topic, events, key="customer")
            except EventlabError as error:
                print(error, file=sys.stderr, flush=True)
                continue
            acknowledged.write("".join(json.dumps(one["event_id"]) + "\n" for one in events))
            acknowledged.flush()


def _count(cluster: Cluster, _number: str, is_over: threading.Event) -> None:
    topics = Topic(cluster, SENT), Topic(cluster, COUNTED)
    while not is_over.is_set():
        try:
            running = run(counting(*topics), where="process", recovery=Path("store"))
        except EventlabError as error:
            print(error, file=sys.stderr, flush=True)
            is_over.wait(_PAUSE_SECONDS)
            continue
        while running.is_alive and not is_over.wait(_PAUSE_SECONDS):
            continue
        running.stop()
        if running.error is not None:
            print(running.error, file=sys.stderr, flush=True)


def _read(cluster: Cluster, number: str, is_over: threading.Event) -> None:
    with Path(f"read.{number}").open("a", encoding="utf-8") as file:

        def note(batch: Batch) -> None:
            places = zip(batch.place["partition"], batch.place["offset"], strict=True)
            file.write("".join(f"{partition} {offset}\n" for partition, offset in places))
            file.flush()

        follower = _follower(Topic(cluster, COUNTED), note, is_over)
        if follower is not None:
            follower.start()
            is_over.wait()
            follower.stop()


def _follower(topic: Topic, note: Callable[[Batch], None], is_over: threading.Event):
    while not is_over.wait(_PAUSE_SECONDS):
        try:
            return Follower(topic, note, start="earliest")
        except EventlabError as error:
            print(error, file=sys.stderr, flush=True)
    return None


_ROLES: dict[str, Callable[[Cluster, str, threading.Event], None]] = {
    "sender": _send,
    "counter": _count,
    "reader": _read,
}


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    main()
