"""Chapter 03: two shop fronts and their picture, a chain's parts and the whole, the exercise."""

import math
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import altair as alt

from eventlab.course.outages import outage
from eventlab.course.squares import squares_of
from eventlab.errors import LogError, UsageError
from eventlab.events import Order
from eventlab.lab.side import Side
from eventlab.live import LiveChart
from eventlab.live.theme import COLOURS
from eventlab.live.widget import Feed
from eventlab.log import Batch, Topic
from eventlab.pictures.layers import Layers, only
from eventlab.pictures.picture import Picture
from eventlab.services import Answer, Faults, FaultSchedule, Service
from eventlab.teach.exercises import Wrong, takes

CHAIN = "the chain"
LOG = "beside the log"

ASKED = "asked"
WAITS = "waits"
DONE = "done"
REFUSED = "refused"
LOST = "lost"
_STATES = [ASKED, WAITS, DONE, REFUSED, LOST]
_HUES = ["#DDDDDD", *(COLOURS[name] for name in ("stream", "table", "late", "lost"))]

_ACROSS = 20
_GAP = 3
_LOOKS_PER_SECOND = 10
_LOOK_SECONDS = 0.01
_SETTLE_SECONDS = 60.0
_IDLE_SECONDS = 5.0
_FEWEST = 60
_HANG = 8  # as many as are under way at full speed: they all time out together

FRONTS = ["shop", "front end"]
WAREHOUSES = ["warehouse", "shipping"]
_IS_UP = "●"
_IS_OUT = "✕"
_IS_FROZEN = "‖"
# One that has ended in peace is as it was.
_LAMPS = {"killed": _IS_OUT, "failed": _IS_OUT, "frozen": _IS_FROZEN}
_ROOM_BELOW = 2  # rows of squares, for the sum of a block
DOWN = "Warehouse down"
UP = "Warehouse up"

REFUSE = "are refused"
SERVED = "are served as ever; their orders wait"
SLOW = "wait until the warehouse is back"
VANISH = "are served, and their orders are lost"
GUESSES = [REFUSE, SLOW, SERVED, VANISH]


# -- two shop fronts ----------------------------------------------------------------------------


class TwoShops(Picture):
    """Draw what becomes of each order in two shop fronts that take the same ones.

    `chain` and `evented` are the services of each, the front first, the warehouse last; `orders`
    is the topic that the second front writes to, `shipped` the one in which an order ends. What
    happens to both shops in the story is in `outages`.
    """

    def __init__(
        self,
        lab: Side,
        story: Sequence[Order],
        chain: Sequence[Service],
        evented: Sequence[Service],
        *,
        orders: Topic,
        shipped: Topic,
    ) -> None:
        require_length(story)
        self._live = LiveChart(
            shops_chart(len(story)),
            alt="Each order as a square, in the chain and beside the log: what became of it",
            key="id",
            keep=2 * len(story) + 20,
        )
        super().__init__(self._live)
        self._lab = lab
        self._story = story
        self._numbers = {order.order_id: number for number, order in enumerate(story)}
        self._services = {CHAIN: chain, LOG: evented}
        self._sides = {chain[0].name: CHAIN, evented[0].name: LOG}
        self._orders = orders
        self._shipped = shipped
        self._answers: dict[str, dict[int, Answer]] = {CHAIN: {}, LOG: {}}
        self._in_log: set[int] = set()
        self._done: Counter[int] = Counter()
        self._drawn: dict[str, str] = {}
        self._changed_at = time.monotonic()
        self.outage = outage_of(story)
        self._hang = hang_of(story)

    # -- what becomes of the orders ---------------------------------------------------------------

    def answered(self, answer: Answer) -> None:
        """Take in what one front has answered to one order."""
        self._answers[self._sides[answer.service]][answer.number] = answer

    def warehouse_down(self) -> None:
        """Kill both warehouses."""
        for services in self._services.values():
            services[-1].kill()

    def warehouse_up(self) -> None:
        """Start both warehouses again."""
        for services in self._services.values():
            services[-1].start()

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return what a stage offers buttons for."""
        return {DOWN: self.warehouse_down, UP: self.warehouse_up}

    def states(self, side: str) -> dict[int, str]:
        """Return the state of each order that was sent, by its number."""
        asked = sum(player.report.sent for player in self._lab.players)
        return {number: self._state(side, number) for number in range(asked)}

    def scores(self) -> dict[str, Any]:
        """Return how many orders each front has done, refused and lost."""
        scores: dict[str, Any] = {}
        for side in (CHAIN, LOG):
            counts = Counter(self.states(side).values())
            scores[f"{side}: done"] = counts[DONE]
            scores[f"{side}: {REFUSED}"] = counts[REFUSED]
        counts = Counter(self.states(LOG).values())
        return scores | {f"{LOG}: wait": counts[WAITS], f"{LOG}: lost": counts[LOST]}

    def figures(self) -> dict[str, Any]:
        """Return what the chapter's claim needs: counts, and by how much the outage slows."""
        evented = self.states(LOG)
        chained = self.states(CHAIN)
        return {
            "accepted": sum(state in (DONE, WAITS, LOST) for state in evented.values()),
            "done": sum(state == DONE for state in evented.values()),
            "refused_in_outage": sum(evented[number] == REFUSED for number in self.outage),
            "refused_by_chain": sum(chained[number] == REFUSED for number in self.outage),
            "slower": round(self._seconds(LOG, self.outage) / self._seconds_before(LOG), 2),
        }

    def milliseconds(self, side: str) -> tuple[float, float]:
        """Return a front's median latency before the outage and in it, of what it accepted."""
        during = 1000 * self._seconds(side, self.outage)
        return 1000 * self._seconds_before(side), during

    def settle(self) -> None:
        """Return when all that is in the log is done, or nothing moves any more."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        while time.monotonic() < deadline and not self._has_settled():
            time.sleep(_LOOK_SECONDS)

    # -- how ------------------------------------------------------------------------------------

    def _accepted(self) -> set[int]:
        answers = self._answers[LOG].copy()
        return {number for number, answer in answers.items() if answer.is_accepted}

    def _has_settled(self) -> bool:
        is_idle = time.monotonic() - self._changed_at > _IDLE_SECONDS
        is_written = self._accepted() <= self._in_log | set(self._hang)
        return is_idle or (is_written and self._in_log <= set(self._done))

    def _feeds(self) -> Iterator[Feed]:
        self._draw_names()
        yield self._follow(self._orders, self._note_written)
        yield self._follow(self._shipped, self._note_done)
        yield self._again(self._draw, _LOOKS_PER_SECOND)

    def _note_written(self, batch: Batch) -> None:
        self._in_log.update(self._numbers[row["order_id"]] for row in batch.fields)
        self._changed_at = time.monotonic()

    def _note_done(self, batch: Batch) -> None:
        self._done.update(self._numbers[row["order_id"]] for row in batch.fields)
        self._changed_at = time.monotonic()

    def _state(self, side: str, number: int) -> str:
        answer = self._answers[side].get(number)
        if answer is None:
            return ASKED
        if side == CHAIN:
            return DONE if answer.is_accepted else REFUSED
        if number in self._done and answer.is_accepted:
            return DONE
        if not answer.is_accepted:
            return REFUSED
        has_crashed = max(self._answers[LOG], default=0) >= self._hang.stop
        is_gone = has_crashed and number not in self._in_log
        return LOST if is_gone else WAITS

    def _seconds(self, side: str, numbers: Sequence[int]) -> float:
        answers = [self._answers[side].get(number) for number in numbers]
        taken = [one.seconds for one in answers if one is not None and one.is_accepted]
        return statistics.median(taken) if taken else float("nan")

    def _seconds_before(self, side: str) -> float:
        return self._seconds(side, range(self.outage.start))

    def _draw_names(self) -> None:
        for place, side in enumerate((CHAIN, LOG)):
            self._push(f"title {side}", "title", place * (_ACROSS + _GAP), 0, side, side)

    def _draw(self) -> None:
        for place, side in enumerate((CHAIN, LOG)):
            first = place * (_ACROSS + _GAP)
            states = self.states(side)
            self._draw_sum(side, first, Counter(states.values()))
            for number, state in states.items():
                column = first + number % _ACROSS
                self._push(f"{side} {number}", "order", column, number // _ACROSS, state, "")
            for number, service in enumerate(self._services[side]):
                column = first + 5 * number
                state = _LAMPS.get(service.state, _IS_UP)
                self._push(f"{side} {service.name}", "service", column, 0, state, service.name)

    def _draw_sum(self, side: str, column: int, counts: Counter[str]) -> None:
        """Write below a block what one would have to count: what is lost, or else refused."""
        words = f"{counts[LOST]} {LOST}" if counts[LOST] else f"{counts[REFUSED]} {REFUSED}"
        name = f"sum {side}"
        if self._drawn.get(name) != words:
            self._push(name, "sum", column, 0, words, words)

    def _push(self, name: str, kind: str, column: int, row: int, state: str, words: str) -> None:
        if self._drawn.get(name) != state:
            self._drawn[name] = state
            self._live.push(
                id=[name], kind=[kind], column=[column], row=[row], state=[state], words=[words]
            )


def outages(story: Sequence[Order]) -> FaultSchedule:
    """Return what happens to both shops in a story.

    Their warehouses are down from a third of it to two thirds. Later the way of the second front to
    the log hangs for some orders, and then both fronts crash, and are started again at the next
    order.
    """
    require_length(story)
    hang = hang_of(story)
    again = hang.stop + 1
    down = [outage(story, outage_of(story), name, "killed") for name in WAREHOUSES]
    way = f"{FRONTS[1]} to log"
    stuck = outage(story, range(hang.start, again), way, Faults(mode="hang"))
    crashes = [outage(story, range(hang.stop, again), name, "killed") for name in FRONTS]
    return FaultSchedule([*down, stuck, *crashes])


def outage_of(story: Sequence[Order]) -> range:
    """Return the numbers of the orders for which the warehouses are down."""
    return range(len(story) // 3, 2 * len(story) // 3)


def hang_of(story: Sequence[Order]) -> range:
    """Return the numbers of the orders for which the way to the log hangs, up to the crash."""
    crash = len(story) * 5 // 6
    return range(crash - min(_HANG, len(story) // 10), crash)


def require_length(story: Sequence[Order]) -> None:
    """Raise UsageError for a story in whose thirds there is too little to see."""
    if len(story) < _FEWEST:
        raise UsageError(
            "These are too few orders for the experiment",
            expected=f"{_FEWEST} or more",
            found=str(len(story)),
            remedy="Set N_EVENTS higher, and run the notebook from the top.",
        )


def overdue(seconds: float) -> LogError:
    """Return the error of an experiment that does not get on."""
    return LogError(
        "The experiment does not get on",
        expected=f"all answers within {seconds:g} s",
        found="some that are missing",
        remedy="Press “Play again”, or look at what the stage says.",
    )


def shops_chart(orders: int) -> Layers:
    """Return the chart: two blocks of squares, one for each order, and the services above."""
    live = alt.Chart(alt.NamedData("live"))
    rows = -(-orders // _ACROSS)
    squares, across, down = squares_of(
        live,
        dict(zip(_STATES, _HUES, strict=True)),
        columns=2 * _ACROSS + _GAP,
        rows=rows + _ROOM_BELOW,
        above=6,
        folds_below=300,
    )
    titles = (
        only(live, ["title"], field="kind")
        .transform_calculate(left="datum.column", top="-4.7")
        .mark_text(align="left", fontSize=14, fontWeight="bold")
        .encode(x=across, y=down, text="words:N")
    )
    crosses = (
        only(only(live, ["order"], field="kind"), [LOST], field="state")
        .transform_calculate(left="datum.column + 0.42", top="datum.row + 0.45")
        .mark_text(baseline="middle", fontSize=14, fontWeight="bold")
        .encode(x=across, y=down, text=alt.value("×"))
    )
    sums = (
        only(live, ["sum"], field="kind")
        .transform_calculate(left="datum.column", top=f"{rows + 1.2}")
        .mark_text(align="left", baseline="middle", fontSize=13, fontWeight="bold")
        .encode(x=across, y=down, text="words:N")
    )
    names = (
        only(live, ["service"], field="kind")
        .transform_calculate(left="datum.column", top="-1")
        .mark_text(align="left", fontSize=10, opacity=alt.ExprRef("width < 400 ? 0 : 1"))
        .encode(x=across, y=down, text="words:N")
    )
    layers = [squares, crosses, sums, titles, *_lamps(live, across, down), names]
    return alt.layer(*layers).properties(height=320)


def _lamps(live: alt.Chart, across: alt.X, down: alt.Y) -> list[alt.Chart]:
    """Return a lamp that glows for a service that is up, and a ring for one that is not."""
    lamps = only(live, ["service"], field="kind").transform_calculate(
        left="datum.column + 1", top="-2.7"
    )
    on = only(lamps, [_IS_UP], field="state")
    out = only(lamps, [_IS_OUT], field="state")
    frozen = only(lamps, [_IS_FROZEN], field="state")
    drawn = [
        on.mark_circle(size=440, color=COLOURS["table"], opacity=0.25),
        on.mark_circle(size=170, color=COLOURS["table"], opacity=1),
        out.mark_point(size=170, stroke=COLOURS["broken"], strokeWidth=3, opacity=1),
        frozen.mark_text(fontSize=18, baseline="middle").encode(text="state:N"),
    ]
    return [layer.encode(x=across, y=down) for layer in drawn]


def outcome(shops: TwoShops) -> str:
    """Return which of the guesses came true for customers of the front beside the log."""
    found = shops.figures()
    if found["refused_in_outage"] > len(shops.outage) / 2:
        return REFUSE
    if found["slower"] > 10:
        return SLOW
    states = shops.states(LOG)
    lost = sum(states[number] == LOST for number in shops.outage)
    return VANISH if lost else SERVED


def why(shops: TwoShops) -> str:
    """Return how many were accepted in the outage, and how long their answers took."""
    before, during = shops.milliseconds(LOG)
    found = shops.figures()
    accepted = len(shops.outage) - found["refused_in_outage"]
    return (
        f"Of {len(shops.outage)} orders in the outage {accepted} were accepted beside the log, in"
        f" {during:.0f} ms each (before it: {before:.0f} ms). The chain refused"
        f" {found['refused_by_chain']} of them."
    )


# -- the exercise -------------------------------------------------------------------------------

_SHARE = 0.99
_SERVICES = 6
_WANTED = 0.9


@takes("two numbers: how many of 1,000 get through, and the most services")
def check_1(through: float, longest: float) -> str:
    """Judge what a learner computed of a chain whose services each answer 99 of 100."""
    right = 1000 * _SHARE**_SERVICES
    if abs(through - 1000 * (1 - _SERVICES * (1 - _SHARE))) < 0.5:
        raise Wrong(
            "You took 10 off six times. Each service answers 99 of 100 of those that *reach* it:"
            " multiply."
        )
    if abs(through - 10 * _SHARE * 100) < 0.5:
        raise Wrong("That is one service. An order has to get through all six of them.")
    if not right - 1 <= through <= right + 1:
        raise Wrong(f"{through:g} is not what six factors of 0.99 leave of 1,000.")
    most = int(math.log(_WANTED) / math.log(_SHARE))
    if longest == most + 1:
        raise Wrong(f"With {longest} services fewer than 900 get through: 0.99 ** {longest}.")
    if longest != most:
        raise Wrong(f"Try numbers: 0.99 ** {longest:g} is {_left(longest):.3f}, against 0.9.")
    return f"{right:.0f} of 1,000 get through six services, and ten are the most for 900."


def _left(services: float) -> float:
    """Return what so many services leave; 0 or 1 where the number is beyond all reason."""
    return float(_SHARE ** min(max(services, 0), 10_000))
