"""What is broken in the runs of an experiment: by a hand on its stage, or by a schedule."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from eventlab.arguments import refused
from eventlab.lab.side import Side
from eventlab.live.director import Band, Place
from eventlab.processes.closing import close_all

if TYPE_CHECKING:  # an experiment without services needs none of this
    from eventlab.services.breakable import Breakable


def places_of(sides: Sequence[Side]) -> list[Place]:
    """Return what can be broken in any of these runs, as it is in the first that has it."""
    found: dict[str, Breakable] = {}
    for side in sides:
        found = side.breakables() | found
    return [_place(name, breakable) for name, breakable in found.items()]


def let(sides: Sequence[Side], name: str, words: str) -> None:
    """Let what these words say happen to whatever has the name, in each of these runs.

    "" mends it. Raises UsageError for a name or words that `places_of` does not have.
    """
    from eventlab.services.faults import trouble_words

    breakables = [side.breakables() for side in sides]
    names = {one for found in breakables for one in found}
    if not isinstance(name, str) or name not in names:
        raise refused("name", name, " or ".join(map(repr, sorted(names))) or "a service's", "...")
    meant = [found[name] for found in breakables if name in found]
    troubles = {trouble_words(one): one for one in meant[0].choices}
    if not isinstance(words, str) or words not in {"", *troubles}:
        raise refused("words", words, " or ".join(map(repr, troubles)), '""')
    close_all([partial(one.let, troubles.get(words)) for one in meant])


def bands_of(sides: Sequence[Side]) -> list[Band]:
    """Return the outages of what plays in these runs; all of them meet the same."""
    rows = [row for side in sides[:1] for one in side.scheduled for row in one.bands()]
    return [Band(row["target"], row["begin"], row["end"], row["words"]) for row in rows]


def seconds_of(sides: Sequence[Side]) -> float:
    """Return how much of the story has passed in what is played with a schedule."""
    for side in sides:
        for player in side.players:
            for scheduled in side.scheduled:
                return scheduled.seconds(player.status.virtual_time)
    return 0.0


def _place(name: str, breakable: "Breakable") -> Place:
    from eventlab.services.faults import trouble_words

    trouble = breakable.trouble
    now = "" if trouble is None else trouble_words(trouble)
    choices = [trouble_words(one) for one in breakable.choices]
    return Place(name, now, choices if now in {"", *choices} else [*choices, now])
