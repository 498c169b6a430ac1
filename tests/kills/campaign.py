"""Kill what works, at random moments, and look afterwards whether all that was promised is kept."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import psutil
import pytest

from eventlab.broker import end_local, join
from eventlab.broker.local import Broker
from eventlab.flows import run
from eventlab.folders import cache_folder
from eventlab.log import Cluster, Topic
from tests.broker.homes import assert_nothing_left, processes_of, supervisor_pid
from tests.kills.history import History, looked_at
from tests.kills.roles import COUNTED, SENT, Role
from tests.streams.counting import counting
from tests.waiting import until

PARTITIONS = 3
LONGEST_FREEZE_SECONDS = 1.5
_FREEZES = {"freeze the broker", "freeze the supervisor", "freeze the flow"}


@dataclass
class Campaign:
    """A broker with a sender, a flow and a reader, and who is going to kill them."""

    home: Path
    folder: Path
    seat: Broker
    roles: dict[str, Role]
    chance: Random

    def strike(self) -> str:
        """Do one thing to one of them, or two at once, let them come back, and say what it was."""
        kinds = list(self._kinds())
        chosen = self.chance.sample(kinds, 2 if self.chance.random() < 0.25 else 1)
        frozen = [process for kind in chosen for process in self._kinds()[kind]()]
        _wait(self.chance.random() * LONGEST_FREEZE_SECONDS if frozen else 0)
        for process in frozen:
            _signal(process.pid, signal.SIGCONT)
        self.bring_back()
        return " and ".join(chosen)

    def _kinds(self) -> dict[str, Callable[[], list[psutil.Process]]]:
        """Return what can be done; each returns the processes that are frozen by it."""
        return {
            "kill the sender": lambda: self._kill("sender"),
            "interrupt the sender": lambda: self._kill("sender", signal.SIGINT),
            "kill the flow's owner": lambda: self._kill("counter"),
            "kill the reader": lambda: self._kill("reader"),
            "kill a process of the flow": lambda: _end(self.roles["counter"].children()),
            "kill the broker": lambda: _end(self._brokers()),
            "kill the supervisor": lambda: _end(self._supervisors()),
            "freeze the broker": lambda: _freeze(self._brokers()),
            "freeze the supervisor": lambda: _freeze(self._supervisors()),
            "freeze the flow": lambda: _freeze(self.roles["counter"].children()),
        }

    def _kill(self, name: str, kind: signal.Signals = signal.SIGKILL) -> list[psutil.Process]:
        _signal(self.roles[name].process.pid, kind)
        return []

    def _brokers(self) -> list[psutil.Process]:
        return [one for one in processes_of(self.home) if "kafka.Kafka" in _command(one)]

    def _supervisors(self) -> list[psutil.Process]:
        return [psutil.Process(supervisor_pid(self.home))]

    def bring_back(self) -> None:
        """Start the broker and the roles that have ended, as a learner would."""
        self.seat.start()
        for role in self.roles.values():
            role.revive()


def _command(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:  # it has ended meanwhile
        return []


def _wait(seconds: float) -> None:
    # No test of seconds: how long something is frozen is a part of the story.
    time.sleep(seconds)


def _signal(pid: int, kind: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, kind)


def _end(processes: list[psutil.Process]) -> list[psutil.Process]:
    for process in processes[:1]:
        _signal(process.pid, signal.SIGKILL)
    return []


def _freeze(processes: list[psutil.Process]) -> list[psutil.Process]:
    for process in processes:
        _signal(process.pid, signal.SIGSTOP)
    return processes


@contextmanager
def begun(folder: Path, seed: int) -> Iterator[Campaign]:
    """Begin a campaign in a home of its own below `folder`; no process may be left of it."""
    home = folder / "home"
    home.mkdir()
    (home / "cache").symlink_to(cache_folder().resolve(), target_is_directory=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EVENTLAB_HOME", str(home))
        try:
            with _working(home, folder, seed) as campaign:
                yield campaign
        finally:
            end_local("the campaign")
    assert_nothing_left(home)


@contextmanager
def _working(home: Path, folder: Path, seed: int) -> Iterator[Campaign]:
    with join("the campaign") as seat:
        cluster = Cluster(seat.client_settings)
        for name in (SENT, COUNTED):
            Topic(cluster, name).reset(PARTITIONS)
        roles = {name: Role(name, folder) for name in ("sender", "counter", "reader")}
        try:
            yield Campaign(home, folder, seat, roles, Random(seed))
        finally:
            for role in roles.values():
                role.end()


def after_kills(
    folder: Path,
    seed: int,
    kills: int,
    *,
    minutes: float = 60,
    say: Callable[[str], object] = print,
) -> History:
    """Strike until the number or the time is reached, and return what has come of it all.

    After each strike all goes on before the next one comes.
    """
    deadline = time.monotonic() + 60 * minutes
    with begun(folder, seed) as campaign:
        for number in range(1, kills + 1):
            more_is_counted(campaign)
            if time.monotonic() > deadline:
                break
            say(f"{number:4} {campaign.strike()}")
        more_is_counted(campaign)
        return outcome(campaign)


def outcome(campaign: Campaign) -> History:
    """End the roles, let the flow read the rest, and return what has come of it all."""
    for role in campaign.roles.values():
        role.end()
    cluster = Cluster(campaign.seat.client_settings)
    flow = counting(Topic(cluster, SENT), Topic(cluster, COUNTED), bounded=True)
    run(flow, recovery=campaign.folder / "store").wait(120)
    return looked_at(cluster, campaign.folder)


def more_is_counted(campaign: Campaign) -> None:
    """Wait until the flow has written something new: all that is needed for that works."""
    topic = Topic(Cluster(campaign.seat.client_settings), COUNTED)
    before = sum(topic.end_offsets().values())

    def is_more() -> bool:
        campaign.bring_back()  # who was killed may not have been gone before
        return sum(topic.end_offsets().values()) > before

    until(is_more, seconds=90, what="the flow to go on")
