"""The table: one cell for each parameter and each wrong value, and what came of it."""

import signal
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from random import Random
from typing import Any, NamedTuple

from eventlab.errors import EventlabError
from tests.calls.bases import BASES
from tests.calls.surface import parameters, public_verbs, taken_by
from tests.calls.values import VALUES
from tests.calls.world import World

LONGEST_SECONDS = 20  # what waits longer waits for ever; a busy machine is no fault
_ALONE = ("events.", "teach.", "live.")  # rooms that know no Kafka: nothing there can change


_ENDLESS = "an endless iterator"
# What takes any iterable whole, as list() does: an endless one never ends, in Python's own too.
_READ_TO_THE_END = [
    ("live.LiveChart.push", "**"),
    ("live.LiveChart.replace", "**"),
    ("live.LiveChart.remove", "keys"),
]


class Cell(NamedTuple):
    """One wrong call: the verb, the parameter, and the value in it."""

    verb: str
    parameter: str
    value: str

    def __str__(self) -> str:
        return f"{self.verb}({self.parameter}={self.value})"


class TooLong(BaseException):
    """The call took longer than anyone waits."""


def cells() -> list[Cell]:
    """Return every cell."""
    return [
        Cell(verb, parameter, value)
        for verb, signature in signatures().items()
        for parameter in signature
        for value in VALUES
        if not (value == _ENDLESS and (verb, parameter) in _READ_TO_THE_END)
    ]


def sample(seed: int) -> list[Cell]:
    """Return one cell for each parameter."""
    each = {(one.verb, one.parameter): one for one in Random(seed).sample(cells(), len(cells()))}
    return [one for one in cells() if each[one.verb, one.parameter] == one]


def signatures() -> dict[str, list[str]]:
    """Return the parameters of each public verb that has a base call, options of any name too."""
    verbs = ((name, verb) for name, verb in public_verbs() if name in BASES)
    return {name: _names(name, verb) for name, verb in verbs}


def _names(name: str, verb: Any) -> list[str]:
    if isinstance(verb, property):
        return [name.rpartition(".")[2]]
    return taken_by(name, verb)


def fault(world: World, cell: Cell) -> str:
    """Make a wrong call; return what is wrong with what came of it, "" if nothing is."""
    world.stand()
    call = BASES[cell.verb](world)
    before = _look(world, cell)
    for name in _targets(cell, call.arguments):
        call.arguments[name] = VALUES[cell.value]()
    started = time.monotonic()
    error: BaseException | None = None
    try:
        with _at_most(LONGEST_SECONDS), redirect_stdout(StringIO()):
            call()
    except (Exception, TooLong) as raised:
        error = raised
    spent = time.monotonic() - started
    try:
        if spent > LONGEST_SECONDS:
            return f"took {spent:.1f} s, ended by {_said(error)}"
        return "" if error is None else _fault_of(error) or _moved(world, cell, before)
    finally:
        _closed(world)


def fault_of_valid(world: World, verb: str) -> str:
    """Make the valid call of a verb; return what is wrong with how it refused, if it did."""
    world.stand()
    try:
        with redirect_stdout(StringIO()):
            BASES[verb](world)()
    except Exception as error:
        return _fault_of(error)
    finally:
        _closed(world)
    return ""


def _targets(cell: Cell, arguments: dict[str, Any]) -> list[str]:
    if cell.parameter != "**":
        assert cell.parameter in arguments, f"the base call of {cell.verb} lacks {cell.parameter}"
        return [cell.parameter]
    fixed = parameters(dict(public_verbs())[cell.verb])
    return [name for name in arguments if name not in fixed]


def _look(world: World, cell: Cell) -> dict[str, Any]:
    return {} if cell.verb.startswith(_ALONE) else world.look()


def _moved(world: World, cell: Cell, before: dict[str, Any]) -> str:
    now = _look(world, cell)
    changed = [
        f"{what}: {before[what]} -> {now[what]}" for what in now if now[what] != before[what]
    ]
    return f"changed {'; '.join(changed)}" if changed else ""


def _closed(world: World) -> None:
    try:
        world.close_opened()
    except Exception:
        traceback.print_exc()


def _fault_of(error: BaseException) -> str:
    if not isinstance(error, EventlabError):
        if isinstance(error, AssertionError):
            return f"did not end: {error}"
        return f"raw {_said(error)} at {_place(error)}"
    lacking = [part for part in ("expected", "found", "remedy") if not getattr(error, part)]
    return f"no {', no '.join(lacking)}: {_said(error)} at {_place(error)}" if lacking else ""


def _said(error: BaseException | None) -> str:
    try:
        return f"{type(error).__name__}: {' '.join(str(error).split()):.160}"
    except Exception as own:
        return f"{type(error).__name__}, which cannot be shown: {own!r}"


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    ours = [
        frame
        for frame in frames
        if "eventlab/" in frame.filename and "/tests/" not in frame.filename
    ]
    frame = (ours or frames)[-1]
    return f"{'/'.join(frame.filename.split('/')[-2:])}:{frame.lineno}"


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    def ring(*_arguments: Any) -> None:
        raise TooLong(f"{seconds} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
