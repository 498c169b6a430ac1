"""Who directs a stage: what the stage asks, in the words and figures that it shows."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol


class Board(NamedTuple):
    """What was counted: a column for each run, a row for each count, its name in front."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]

    def in_words(self, run: int) -> str:
        """Return what was counted in a run (its number, from 0), as "sent 300, lost 12".

        It is empty for a run that has no column here.
        """
        figures = {name: cells[run] for name, *cells in self.rows if run < len(cells)}
        counted = {name: words for name, words in figures.items() if words not in ("", "–")}
        return ", ".join(f"{name} {words}" for name, words in counted.items())


class Saying(NamedTuple):
    """What the stage says of what plays; `speeds` are those to choose from, each with its words.

    `at_seconds` is how much of the story has passed, of `of_seconds` (0: nobody knows).
    """

    state: str = ""
    words: str = ""
    speed: float = 0
    speeds: Sequence[tuple[str, float]] = ()
    at_seconds: float = 0.0
    of_seconds: float = 0.0


class Place(NamedTuple):
    """What can be broken by hand: its name, what is wrong with it ("" for nothing), the choices."""

    name: str
    now: str
    choices: Sequence[str]


class Band(NamedTuple):
    """An outage that is planned: of what, from when to when in the story, and what happens."""

    target: str
    begin: float
    end: float
    words: str


class Turn(NamedTuple):
    """An argument of the experiment that can be turned: its values in words, and which it has."""

    name: str
    values: Sequence[str]
    now: int


class Director(Protocol):
    """Who is asked by a stage, and told what the learner does there."""

    def saying(self) -> Saying:
        """Return what there is to say now."""

    def board(self) -> Board:
        """Return what is counted now."""

    def places(self) -> Sequence[Place]:
        """Return what can be broken by hand now."""

    def bands(self) -> Sequence[Band]:
        """Return the outages of what plays."""

    def turns(self) -> Sequence[Turn]:
        """Return what can be turned."""

    def command(self, what: str, value: Any) -> object:
        """Do what the learner asks.

        It is pause, play, again, speed (a number), act (its name), trouble (the name of a place,
        and one of its choices or ""), or turn (its name, and the number of the value).
        """
