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


def places_of_all(positions: Sequence[Mapping[int, int]], chosen: int, near: int) -> list[Place]:
    """Return the places of all readers; those that stand `near` each other share a label.

    `positions` has for each reader the offset in each of its partitions, `chosen` is the index of
    the one that stands out. Readers are numbered from 1 on.
    """
    places: list[Place] = []
    for partition in sorted({number for position in positions for number in position}):
        there = {n: at[partition] for n, at in enumerate(positions) if partition in at}
        labels = labels_of(there, near)
        for number, offset in there.items():
            group = CHOSEN if number == chosen else READER
            label = labels[number]
            name = f"reader {number + 1}"
            places.append(Place(name, partition, offset, group, label, reader=number + 1))
    return places


def labels_of(offsets: Mapping[int, int], near: int) -> dict[int, str]:
    """Return what is written under each reader: of those that stand together, one has it all."""
    together: list[list[int]] = []
    for reader in sorted(offsets, key=lambda one: offsets[one]):
        if together and offsets[reader] - offsets[together[-1][0]] <= near:
            together[-1].append(reader)
        else:
            together.append([reader])
    labels = dict.fromkeys(offsets, "")
    for readers in together:
        labels[readers[len(readers) // 2]] = in_short([reader + 1 for reader in readers])
    return labels


def in_short(numbers: Iterable[int]) -> str:
    """Return whole numbers in words: 1–3, 7."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
