"""Chapter 04: one sender and its receivers, what was counted of them, and their picture."""

import math
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any

from eventlab.course.ch04_charts import BURST, LAG, NOTE, REFUSED, TOOK, receivers_chart
from eventlab.events import Order
from eventlab.live import LiveChart
from eventlab.live.widget import Feed
from eventlab.log import Batch, Topic
from eventlab.pictures.picture import Picture
from eventlab.services import Answer, EventService, Service

ADD = "Add a receiver"
FREEZE = "Freeze the slowest"
GO_ON = "Let it go on"
LATER = "audit"
SENDER = "sender"

ACCEPTED = "accepted"
DENIED = "refused"
HELD_UP = "waited for the slowest"
USUAL = "usual (ms)"
IN_BURST = "in the burst (ms)"
MOST = "most waiting"
WAITED = "in the log (ms)"
GOT = f"{LATER} got"

_CEILING_MS = 1_000.0
_SECONDS = 40.0  # that the time axis has at least: both runs of a stage get the same
_HURRY = 5  # at full speed all of it takes so much less
_FIRST = 10  # orders that go ahead, until every receiver is there
_LOOKS_PER_SECOND = 10
_LOOK_SECONDS = 0.01
_SETTLE_SECONDS = 60.0
_IDLE_SECONDS = 5.0
_DELAY_SECONDS = 0.2  # what happened so long ago is known for sure
_REST_SECONDS = 0.4  # then the picture has it all
_NEWEST = 20  # answers whose median is written


def burst_of(orders: int) -> range:
    """Return which of so many orders come in the burst."""
    return range(orders // 4, orders * 7 // 8)


class Receivers(Picture):
    """Draw how long a sender takes to answer, and how many orders wait for each receiver.

    An order waits for a receiver from when the sender has said yes until the receiver has done it:
    it has written that into the topic `done`. Both times are those of this machine's clock. `later`
    starts one more receiver; how far the axes go depends on the `speed` of the play, 0 for as fast
    as can be.
    """

    def __init__(
        self,
        story: Sequence[Order],
        sender: Service,
        receivers: Sequence[Service],
        *,
        done: Topic,
        later: Callable[[], Service],
        speed: float,
    ) -> None:
        names = [receiver.name for receiver in receivers]
        self._ceiling = _CEILING_MS if speed else _CEILING_MS / _HURRY
        seconds = _SECONDS if speed else _SECONDS / _HURRY
        self._live = LiveChart(
            receivers_chart([*names, LATER], len(story), self._ceiling, seconds),
            alt="How long the sender takes for each answer, and how many orders wait below",
            key="id",
            keep=50_000,
        )
        super().__init__(self._live)
        self.burst = burst_of(len(story))
        self._story = story
        self._numbers = {order.order_id: number for number, order in enumerate(story)}
        self._sender = sender
        self._sender_pid = sender.pid
        self._receivers = list(receivers)
        self._topic = done
        self._later = later
        self._answers: dict[int, tuple[float, Answer]] = {}
        self._done: dict[str, dict[int, float]] = {name: {} for name in [*names, LATER]}
        self._began = 0.0
        self._drawn_answers = 0
        self._changed_at = time.monotonic()

    # -- what comes in ----------------------------------------------------------------------------

    def orders(self) -> Iterator[Order]:
        """Yield the orders; after the first ones wait until each receiver has begun."""
        yield from self._story[:_FIRST]
        self._until(lambda: all(self._done[one.name] for one in self._receivers))
        yield from self._story[_FIRST:]

    def answered(self, answer: Answer) -> None:
        """Take in what the sender has answered to one order."""
        now = time.time()
        self._began = self._began or now - answer.seconds
        self._answers[answer.number] = (now, answer)
        self._changed_at = time.monotonic()

    # -- what one can do --------------------------------------------------------------------------

    def add(self) -> None:
        """Start the receiver that comes later; once."""
        if len(self._receivers) < len(self._done):
            self._receivers.append(self._later())
            self._changed_at = time.monotonic()

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return what a stage offers buttons for."""
        slowest = self._receivers[len(self._done) - 2]
        return {ADD: self.add, FREEZE: slowest.suspend, GO_ON: slowest.resume}

    # -- what came of it --------------------------------------------------------------------------

    def accepted(self) -> dict[int, float]:
        """Return when each order was accepted, by its number."""
        answers = self._answers.copy()
        return {number: at for number, (at, answer) in answers.items() if answer.is_accepted}

    def waiting(self, receiver: str, at: float) -> int:
        """Return how many orders were accepted at a time, and not yet done by a receiver."""
        return sum(step for when, step in self._steps(receiver) if when <= at)

    def most_waiting(self, receiver: str) -> int:
        """Return the most orders that waited for a receiver at once."""
        return max(accumulate(step for _, step in self._steps(receiver)), default=0)

    def held_up(self) -> int:
        """Return how many orders were accepted only after the slowest receiver had done them."""
        done = self._done[self._slowest].copy()
        accepted = self.accepted().items()
        return sum(done.get(number, math.inf) <= at for number, at in accepted)

    def milliseconds(self, numbers: Iterable[int]) -> float:
        """Return the sender's median time for a yes to these orders, 0 where there was none."""
        found = [self._answers[number][1] for number in numbers if number in self._answers]
        taken = [answer.seconds for answer in found if answer.is_accepted]
        return 1000 * statistics.median(taken) if taken else 0.0

    def waited_milliseconds(self, numbers: Iterable[int]) -> float:
        """Return the median time from the yes until the slowest receiver had done an order."""
        done = self._done[self._slowest].copy()
        accepted = self.accepted()
        waited = [max(0.0, done[n] - accepted[n]) for n in numbers if n in done and n in accepted]
        return 1000 * statistics.median(waited) if waited else 0.0

    def burst_figures(self) -> dict[str, Any]:
        """Return what became of the burst: in the log, and for the sender."""
        return {
            "orders": len(self._story),
            "accepted": len(self.accepted()),
            "in_burst": len(self.burst),
            "most_waiting": self.most_waiting(self._slowest),
            "left": self._left(),
            "held_up": self.held_up(),
            "usual_ms": round(self.milliseconds(range(self.burst.start)), 1),
            "burst_ms": round(self.milliseconds(self.burst), 1),
            "waited_ms": round(self.waited_milliseconds(self.burst), 1),
        }

    def pace_figures(self) -> dict[str, Any]:
        """Return what the slowest still had to do when the quickest had done its last order."""
        quickest = next(iter(self._done))
        end = max(self._done[quickest].values(), default=0.0)
        return {
            "orders": len(self._story),
            "done_by_quickest": len(self._done[quickest]),
            "done_by_slowest": len(self._done[self._slowest]),
            "waiting_then": self.waiting(self._slowest, end),
            "left": self._left(),
        }

    def added_figures(self) -> dict[str, Any]:
        """Return what the receiver got that came later, and whether the sender was changed."""
        return {
            "orders": len(self._story),
            "got": len(self._done[LATER]),
            "first_order": next(iter(self._done[LATER]), -1),
            "sender_changes": int(self._sender.pid != self._sender_pid),
        }

    def scores(self) -> dict[str, Any]:
        """Return what a stage's scoreboard shows."""
        answers = [answer for _, answer in self._answers.copy().values()]
        found = self.burst_figures()
        return {
            ACCEPTED: found["accepted"],
            DENIED: len(answers) - found["accepted"],
            HELD_UP: found["held_up"],
            USUAL: _whole(found["usual_ms"]),
            IN_BURST: _whole(found["burst_ms"]),
            WAITED: _whole(found["waited_ms"]),
            MOST: found["most_waiting"],
            GOT: len(self._done[LATER]),
        }

    def settle(self) -> None:
        """Return when those that read the log have done all, or nothing moves any more."""
        self._until(self._has_settled)

    # -- how --------------------------------------------------------------------------------------

    @property
    def _slowest(self) -> str:
        return list(self._done)[-2]

    def _steps(self, receiver: str) -> list[tuple[float, int]]:
        """Return when one order more waited for a receiver, or one less, in order of time."""
        done = self._done[receiver].copy()
        accepted = self.accepted()
        more = [(at, 1) for at in accepted.values()]
        less = [(max(at, done[number]), -1) for number, at in accepted.items() if number in done]
        return sorted(more + less)

    def _left(self) -> int:
        """Return how many orders still wait for one of those that were there from the start."""
        return sum(self.waiting(name, time.time()) for name in self._done if name != LATER)

    def _has_settled(self) -> bool:
        rest_seconds = time.monotonic() - self._changed_at
        return rest_seconds > (_REST_SECONDS if self._is_done() else _IDLE_SECONDS)

    def _is_done(self) -> bool:
        """Tell whether nothing waits in the log."""
        readers = [one for one in self._receivers if isinstance(one, EventService)]
        return not any(self.waiting(one.name, time.time()) for one in readers)

    def _until(self, condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _SETTLE_SECONDS
        while not condition() and time.monotonic() < deadline:
            time.sleep(_LOOK_SECONDS)

    def _feeds(self) -> Iterator[Feed]:
        yield self._follow(self._topic, self._note_done)
        yield self._again(self._draw, _LOOKS_PER_SECOND)

    def _note_done(self, batch: Batch) -> None:
        for row in batch.rows:
            done = self._done[row["receiver"]]
            done.setdefault(self._numbers[row["order_id"]], row["timestamp"] / 1000)
        self._changed_at = time.monotonic()

    # -- the picture ------------------------------------------------------------------------------

    def _draw(self) -> None:
        rest_seconds = time.monotonic() - self._changed_at
        if not self._answers or (rest_seconds > _IDLE_SECONDS / 2 and self._is_done()):
            return  # the picture stands, until something moves again
        then = time.time() - _DELAY_SECONDS
        rows = [*self._new_answers(), *self._burst_band(), self._answer_note()]
        at = max(0.0, then - self._began)
        for receiver in self._receivers:
            rows += self._lag_rows(receiver, then, at)
        if len(self._receivers) < len(self._done):
            rows.append((LATER, NOTE, LATER, 0.0, 0.0, 0, f"{LATER}: not there yet"))
        names = ["id", "kind", "part", "at", "until", "value", "words"]
        self._live.push(**dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))

    def _lag_rows(self, receiver: Service, then: float, at: float) -> list[tuple[Any, ...]]:
        """Return a point of its area, and its words; without a log nothing waits for it."""
        name = receiver.name
        reads_the_log = isinstance(receiver, EventService)
        waiting = self.waiting(name, then) if reads_the_log else 0
        most = self.most_waiting(name)
        words = (
            f"{waiting} wait, at most {most}" if reads_the_log else f"{len(self._done[name])} done"
        )
        return [
            (f"{name} {at:.2f}", LAG, name, at, 0.0, waiting, ""),
            (name, NOTE, name, 0.0, 0.0, 0, f"{name}: {words}"),
        ]

    def _new_answers(self) -> list[tuple[Any, ...]]:
        new = list(self._answers.copy().values())[self._drawn_answers :]
        self._drawn_answers += len(new)
        return [self._dot(at, answer) for at, answer in new]

    def _dot(self, at: float, answer: Answer) -> tuple[Any, ...]:
        took = 1000 * answer.seconds
        kind = TOOK if answer.is_accepted else REFUSED
        words = f"order {answer.number}: {took:,.0f} ms"
        low = min(took, self._ceiling)
        return (f"answer {answer.number}", kind, SENDER, at - self._began, 0.0, low, words)

    def _burst_band(self) -> list[tuple[Any, ...]]:
        found = [self._answers[n] for n in self.burst if n in self._answers]
        sent = [at - answer.seconds - self._began for at, answer in found]
        return [("burst", BURST, "", min(sent), max(sent), 0, "")] if sent else []

    def _answer_note(self) -> tuple[Any, ...]:
        answers = [answer for _, answer in self._answers.copy().values()]
        took = 1000 * statistics.median(one.seconds for one in answers[-_NEWEST:])
        refused = sum(not one.is_accepted for one in answers)
        words = f"sender: {took:,.0f} ms" + (f", {refused} refused" if refused else "")
        return (SENDER, NOTE, SENDER, 0.0, 0.0, 0, words)


def _whole(number: float) -> int | str:
    return round(number) if number else "–"
