"""What a campaign has left behind, and what is wrong with it."""

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from eventlab.log import Cluster, Topic, read
from tests.kills.roles import COUNTED, SENT


@dataclass(frozen=True)
class History:
    """How many events were acknowledged and counted, and every fault that was found."""

    acknowledged: int
    counted: int
    lost: list[str]
    doubled: list[str]
    miscounted: list[str]
    misread: list[str]

    @property
    def summary(self) -> str:
        """Return all of it in one line."""
        return (
            f"{self.acknowledged} events acknowledged, {self.counted} counted: "
            f"{len(self.lost)} lost, {len(self.doubled)} doubled, "
            f"{len(self.miscounted)} miscounted, {len(self.misread)} misread"
        )

    @property
    def faults(self) -> dict[str, list[str]]:
        """Return the kinds of faults that there are, each with its cases."""
        kinds = ("lost", "doubled", "miscounted", "misread")
        return {kind: getattr(self, kind) for kind in kinds if getattr(self, kind)}


def looked_at(cluster: Cluster, folder: Path) -> History:
    """Compare what was acknowledged, sent, counted and read by what each says of itself.

    Lost is what was acknowledged and is not in the log; doubled, what is there twice although each
    event was given to a producer once. The flow may write a result again after a crash, but always
    the same, and one for each event. A reader reads each record after the one before it.
    """
    sent = read(Topic(cluster, SENT)).events
    counted = read(Topic(cluster, COUNTED)).events
    acknowledged = _lines(folder, "acknowledged.*")
    in_log = Counter(sent["event_id"])
    return History(
        acknowledged=len(acknowledged),
        counted=len(counted),
        lost=[event for event in acknowledged if json.loads(event) not in in_log],
        doubled=[event for event, times in in_log.items() if times > 1],
        miscounted=_miscounted(sent, counted),
        misread=[place for path in folder.glob("read.*") for place in _jumps(path)],
    )


def _lines(folder: Path, pattern: str) -> list[str]:
    # A process that was killed may have left half a line, of which nobody was told.
    texts = [path.read_text(encoding="utf-8").rpartition("\n")[0] for path in folder.glob(pattern)]
    return [line for text in texts for line in text.splitlines()]


def _miscounted(sent, counted) -> list[str]:
    places: Counter = Counter()
    expected = {}
    for event, customer in zip(sent["event_id"], sent["customer"], strict=True):
        places[customer] += 1
        expected[event] = places[customer]
    found: dict[str, set[int]] = {}
    for event, number in zip(counted["id"], counted["number"], strict=True):
        found.setdefault(event, set()).add(number)
    return [
        f"{event}: expected {expected.get(event)}, found {sorted(found.get(event, ()))}"
        for event in expected.keys() | found.keys()
        if found.get(event) != {expected.get(event)}
    ]


def _jumps(path: Path) -> list[str]:
    next_offsets: Counter = Counter()
    jumps = []
    for line in path.read_text(encoding="utf-8").rpartition("\n")[0].splitlines():
        partition, offset = map(int, line.split())
        if offset != next_offsets[partition]:
            jumps.append(f"{path.name}: expected {next_offsets[partition]}, found {line}")
        next_offsets[partition] = offset + 1
    return jumps
