"""Chapter 08: the picture of a copy of the open orders, and what is wrong with it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from eventlab.course.ch08_charts import (
    ACROSS,
    CLOSED,
    MISSED,
    NOT_YET,
    OLD,
    RIGHT,
    TWICE,
    copy_chart,
)
from eventlab.course.ch08_copies import PAGE, Copy, Trade, open_after
from eventlab.course.ch08_service import Row
from eventlab.course.waiting import until
from eventlab.errors import CallError
from eventlab.events import Event, Order
from eventlab.live import LiveChart
from eventlab.live.widget import Feed
from eventlab.pictures.picture import Picture
from eventlab.processes.background import Background

_LOOKS_PER_SECOND = 10
_STOP_SECONDS = 0.02


class Copying(Picture):
    """Draw each open order as a square: whether a copy has it, and has it right.

    `trade` is what became of the orders, `story` plays the part of it in which the copy is made: so
    many events after each page.
    """

    def __init__(self, copy: Copy, trade: Trade) -> None:
        pages = len(open_after(trade.before)) // PAGE + 1
        self._a_page = -(-len(trade.meanwhile) // pages)
        # A stage looks at the first events before anything begins: they wait for no page.
        self._before = open_after([*trade.before, *trade.meanwhile[: self._a_page]])
        self._orders = sorted({*open_after(trade.before), *_placed(trade.meanwhile)})
        self._live = LiveChart(
            copy_chart(len(self._orders)),
            alt="Each open order as a square: whether the copy has it, and has it right",
            key="id",
        )
        super().__init__(self._live)
        self._copy = copy
        self._trade = trade
        self._steps = 0
        self._sent = 0
        self._is_over = False
        self._drawn: dict[str, Any] = {}
        self._work = Background("copy", self._copy_all, on_end=self._ended)

    def story(self) -> Iterator[Event]:
        """Yield what becomes of the orders: so much before each page, and the rest at its end."""
        for number, event in enumerate(self._trade.meanwhile):
            self._until_read(number // self._a_page)
            self._sent = number + 1
            yield event

    def scores(self) -> dict[str, Any]:
        """Return what is wrong with the copy now."""
        found = self.figures()
        return {
            "changes": found["changes"],
            "missed": found["missed"],
            "came twice": found["twice"],
            "out of date": found["out_of_date"],
            "in the copy": found["in_copy"],
        }

    def figures(self) -> Row:
        """Return what the claim needs; what is not copied yet counts at the end alone."""
        states = Counter(self._states().values())
        return {
            "changes": self._sent,
            "open": len(self._open_now()),
            "in_copy": len(self._copy.states()),
            "missed": states[MISSED],
            "twice": len(self._copy.twice),
            "out_of_date": states[OLD],
        }

    def settle(self) -> None:
        """Return when the copy is complete, and everything has changed."""
        until(lambda: self._is_over and self._sent >= len(self._trade.meanwhile))

    def stop(self) -> None:
        """End the copy too."""
        self._work.stopping.set()
        super().stop()

    # -- how ------------------------------------------------------------------------------------

    def _until_read(self, pages: int) -> None:
        until(lambda: self._steps >= pages or self._is_over)

    def _feeds(self) -> Iterator[Feed]:
        self._work.start()
        yield self._again(self._draw, _LOOKS_PER_SECOND)

    def _copy_all(self) -> None:
        begin = len(self._trade.before)
        end = begin + len(self._trade.meanwhile)
        while not self._work.stopping.wait(_STOP_SECONDS):
            due = min((self._steps + 1) * self._a_page, len(self._trade.meanwhile))
            if self._sent < due:
                continue
            with suppress(CallError):  # a source that is late is asked again
                self._copy.step(begin + due)
                self._steps += 1
            if self._copy.is_complete(end):
                break

    def _ended(self, error: BaseException | None) -> None:
        self._is_over = True
        if error is not None:
            self._live.report(error)

    def _open_now(self) -> dict[str, str]:
        return open_after([*self._trade.before, *self._trade.meanwhile[: self._sent]])

    def _states(self) -> dict[str, str]:
        now = self._open_now()
        copied = self._copy.states()
        return {order: self._state(order, now, copied) for order in self._orders}

    def _state(self, order: str, now: Mapping[str, str], copied: Mapping[str, str]) -> str:
        if order in copied:
            if copied[order] != now.get(order):
                return OLD
            return TWICE if order in self._copy.twice else RIGHT
        if order not in now:
            return CLOSED
        if not self._is_over:
            return NOT_YET
        return MISSED if order in self._before else OLD

    def _draw(self) -> None:
        for number, (order, state) in enumerate(self._states().items()):
            self._push(order, "order", number, state, "")
        self._push("progress", "title", 0, "", self._copy.progress)

    def _push(self, name: str, kind: str, number: int, state: str, words: str) -> None:
        if self._drawn.get(name, ("", "")) == (state, words):
            return
        self._drawn[name] = (state, words)
        self._live.push(
            id=[name],
            kind=[kind if state or words else "nothing"],
            column=[number % ACROSS],
            row=[number // ACROSS],
            state=[state],
            words=[words],
        )


def _placed(events: Sequence[Event]) -> list[str]:
    return [event.order_id for event in events if isinstance(event, Order)]
