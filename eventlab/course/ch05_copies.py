"""Chapter 05: the picture of three copies of a stock, and what they have wrong."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import altair as alt

from eventlab.course.ch05 import (
    COPIES,
    CUT_OFF,
    Row,
    amounts_after,
    until,
    wrong_products,
)
from eventlab.course.outages import outage
from eventlab.errors import CallError
from eventlab.events import Stock
from eventlab.lab.verbs import Verbs
from eventlab.live import LiveChart
from eventlab.live.theme import COLOURS
from eventlab.live.widget import Feed
from eventlab.pictures.layers import Layers, only
from eventlab.pictures.picture import Picture
from eventlab.services import Answer, Faults, FaultSchedule, HttpService, Link

_LOOKS_PER_SECOND = 5
_BELOW_PIXELS = 12  # from the middle of a row to the words below the copy's name
_ASIDE_PIXELS = 7  # from the cells to the end of the copy's name


# -- copies ---------------------------------------------------------------------------------------

CUT = "Cut support off"
JOIN = "Let it in again"
RIGHT = "as it should be"
WRONG = "wrong"
HANG = Faults(mode="hang")


class Copies(Picture):
    """Draw which products three copies of the stock have right, and which they have wrong.

    `changes` are the stock's. What happens to one of the copies meanwhile is in `outages`.
    """

    def __init__(self, lab: Verbs, changes: Sequence[Stock], copies: Sequence[HttpService]) -> None:
        self._products = sorted({change.product_id for change in changes})
        self._live = LiveChart(
            copies_chart(self._products),
            alt="Each product in three copies of the stock: as it should be, or wrong",
            key="id",
        )
        super().__init__(self._live)
        self._lab = lab
        self._changes = changes
        self._copies = copies
        self._stock = lab.topic("stock")
        self._answered = 0
        self._found: dict[str, Row] = {}
        self._away: set[str] = set()  # of the copies, those that did not answer
        self._drawn: dict[str, Any] = {}
        self._was_wrong: set[tuple[str, str]] = set()
        self.outage = outage_of(changes)

    def story(self) -> Iterator[Stock]:
        """Yield the changes, each when the one before has its answer."""
        for number, change in enumerate(self._changes):
            # The opening stock is due at once, and is played as one; its order does not matter.
            if number >= len(self._products):
                self._until_answered(number)
            yield change

    def answered(self, _answer: Answer) -> None:
        """Count one more change that the stock service has passed on, or tried to."""
        self._answered += 1

    def cut_off(self) -> None:
        """Let nothing reach one copy, by a call or from the log."""
        for link in self._links():
            link.set(HANG)

    def let_in(self) -> None:
        """Let everything through again."""
        for link in self._links():
            link.heal()

    def acts(self) -> dict[str, Callable[[], object]]:
        """Return what a stage offers buttons for."""
        return {CUT: self.cut_off, JOIN: self.let_in}

    def wrong(self) -> dict[str, list[str]]:
        """Return the products that each copy has wrong; all, where it does not answer."""
        right = amounts_after(self._changes[: self._answered])
        return {
            copy.name: self._products
            if copy.name in self._away
            else wrong_products(self._found.get(copy.name, {}).get("amounts", {}), right)
            for copy in self._copies
        }

    def scores(self) -> dict[str, Any]:
        """Return how many cells each copy has wrong, of those that the picture shows so."""
        wrong = Counter(name for name, _ in self._wrong_cells() & self._was_wrong)
        return {
            f"wrong in {copy.name}": "away" if copy.name in self._away else wrong[copy.name]
            for copy in self._copies
        }

    def figures(self) -> Row:
        """Return what the chapter's claim needs."""
        return {
            "changes": self._answered,
            "while_cut_off": len(self.outage),
            "cells": len(self._products) * len(self._copies),
            "wrong_cells": sum(map(len, self.wrong().values())),
        }

    def settle(self) -> None:
        """Return when each copy has read all that is in the log."""
        until(lambda: self._answered >= len(self._changes))
        end = self._stock.end_offsets()[0]
        until(lambda: self._read_up_to() >= end - 1)
        self._draw()

    # -- how ------------------------------------------------------------------------------------

    def _links(self) -> list[Link]:
        return [self._lab.link("stock", CUT_OFF), self._lab.link(CUT_OFF, "log")]

    def _until_answered(self, number: int) -> None:
        until(lambda: self._answered >= number)

    def _read_up_to(self) -> int:
        self._look()
        offsets = [int(self._found[copy.name]["offset"]) for copy in self._copies]
        return min(offsets) if not self._away else -1

    def _look(self) -> None:
        for copy in self._copies:
            try:
                self._found[copy.name] = copy.ask("/")
                self._away.discard(copy.name)
            except CallError:  # somebody has broken it by hand
                self._found.setdefault(copy.name, {"offset": -1, "amounts": {}})
                self._away.add(copy.name)

    def _feeds(self) -> Iterator[Feed]:
        yield self._again(self._draw, _LOOKS_PER_SECOND)

    def _wrong_cells(self) -> set[tuple[str, str]]:
        return {(name, product) for name, some in self.wrong().items() for product in some}

    def _draw(self) -> None:
        self._look()
        wrong = self._wrong_cells()
        # What is on its way is not wrong yet: only what was so at the last look too.
        shown = wrong & self._was_wrong
        self._was_wrong = wrong
        for copy in self._copies:
            for product in self._products if copy.name not in self._away else []:
                state = WRONG if (copy.name, product) in shown else RIGHT
                self._push(copy.name, product, state)
        is_cut = any(link.faults == HANG for link in self._links())
        for copy in self._copies:
            words = "cut off" if is_cut and copy.name == CUT_OFF else ""
            self._push(copy.name, "", "cut", "away" if copy.name in self._away else words)

    def _push(self, name: str, product: str, state: str, words: str = "") -> None:
        key = f"{name} {product}"
        if self._drawn.get(key) != (state, words):
            self._drawn[key] = (state, words)
            self._live.push(id=[key], copy=[name], product=[product], state=[state], words=[words])


def outages(changes: Sequence[Stock]) -> FaultSchedule:
    """Return what happens to one copy: no call reaches it, and it does not reach the log."""
    cut = outage_of(changes)
    ways = [f"stock to {CUT_OFF}", f"{CUT_OFF} to log"]
    return FaultSchedule([outage(changes, cut, way, HANG) for way in ways])


def outage_of(changes: Sequence[Stock]) -> range:
    """Return the numbers of the changes while which one copy is cut off."""
    return range(len(changes) // 2, len(changes) * 9 // 10)


def copies_chart(products: Sequence[str]) -> Layers:
    """Return the chart: a row for each copy, a column for each product."""
    legend = alt.Legend(orient="top", title=None, columns=alt.ExprRef("width < 200 ? 1 : 2"))
    states = alt.Scale(domain=[RIGHT, WRONG], range=[COLOURS["table"], COLOURS["lost"]])
    live = alt.Chart(alt.NamedData("live")).encode(
        y=alt.Y("copy:N", title=None, scale=alt.Scale(domain=COPIES, paddingInner=0.1))
    )
    cells = (
        only(live, [RIGHT, WRONG], field="state")
        .mark_rect()
        .encode(
            x=alt.X(
                "product:N",
                title=f"{len(products)} products",
                scale=alt.Scale(domain=list(products), paddingInner=0.1),
                axis=alt.Axis(labels=False, ticks=False),
            ),
            color=alt.Color("state:N", scale=states, legend=legend),
            tooltip=["copy:N", "product:N", "state:N"],
        )
    )
    # Below the copy's name, where they cover no cell.
    cut = only(live, ["cut"], field="state").mark_text(
        align="right", dy=_BELOW_PIXELS, fontSize=11, fontWeight="bold"
    )
    words = cut.encode(x=alt.value(-_ASIDE_PIXELS), text="words:N")
    return alt.layer(cells, words).properties(height=160)
