"""Where readers stand in the lanes of a topic, and the numbers that are written under them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from eventlab.pictures.lanes_chart import CHOSEN, READER


class Place(NamedTuple):
    """Where a reader stands in a partition; `label` is written there.

    `reader` is the number of one of the picture's own readers, which can be sent elsewhere.
    """

    name: str
    partition: int
    offset: int
    group: str
    label: str
    reader: int | None = None

    @property
    def id(self) -> str:
        """Return what this reader's place in this partition is known by."""
        return f"{self.name}-{self.partition}"


def ids(places: Iterable[Place]) -> set[str]:
    """Return what these places are known by."""
    return {place.id for place in places}


def places_of_one(name: str, position: Mapping[int, int]) -> list[Place]:
    """Return the places of one who reads alone, from the offset in each partition."""
    return [Place(name, partition, offset, READER, "") for partition, offset in position.items()]


def places_of_all(
    positions: Sequence[Mapping[int, int]], chosen: int, letter: float
) -> list[Place]:
    """Return the places of all readers; those whose labels would meet share one.

    `positions` has for each reader the offset in each of its partitions, `chosen` is the index of
    the one that stands out, with a label of its own. Readers are numbered from 1 on, and `letter`
    is how many offsets a letter of a label takes.
    """
    places: list[Place] = []
    for partition in sorted({number for position in positions for number in position}):
        there = {n: at[partition] for n, at in enumerate(positions) if partition in at}
        others = {number: offset for number, offset in there.items() if number != chosen}
        labels = labels_of(others, letter) | {chosen: f"reader {chosen + 1}"}
        for number, offset in there.items():
            group = CHOSEN if number == chosen else READER
            label = labels[number]
            name = f"reader {number + 1}"
            places.append(Place(name, partition, offset, group, label, reader=number + 1))
    return places


def labels_of(offsets: Mapping[int, int], letter: float) -> dict[int, str]:
    """Return what is written under each reader: of those that stand together, the first has all."""
    together: list[list[int]] = []
    for reader in sorted(offsets, key=lambda one: offsets[one]):
        together.append([reader])
        while len(together) > 1 and _meet(together[-2], together[-1], offsets, letter):
            last = together.pop()
            together[-1] += last
    labels = dict.fromkeys(offsets, "")
    for readers in together:
        labels[readers[0]] = _label(readers)
    return labels


def _meet(
    readers: Sequence[int], others: Sequence[int], offsets: Mapping[int, int], letter: float
) -> bool:
    """Tell whether two labels, each in the middle under its first reader, leave no gap."""
    letters = (len(_label(readers)) + len(_label(others))) / 2 + 1
    return offsets[others[0]] - offsets[readers[0]] < letters * letter


def _label(readers: Iterable[int]) -> str:
    return in_short([reader + 1 for reader in readers])


def in_short(numbers: Iterable[int]) -> str:
    """Return whole numbers in words: 1–3, 7."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
