"""Chapter 03, going further: a chain and its parts."""

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import altair as alt

from eventlab.lab.verbs import Verbs
from eventlab.live import LiveChart
from eventlab.live.steps import StepSlider
from eventlab.live.theme import COLOURS
from eventlab.live.widget import Feed
from eventlab.pictures.layers import Layers
from eventlab.pictures.picture import Picture
from eventlab.services import Answer, Faults

_LOOKS_PER_SECOND = 10
_FEWEST = 20

CUSTOMERS = "customers"
WHOLE = "the chain"
PRODUCT = "their product"
_SHARES = [0, 1, 2, 5, 10, 20]


@dataclass(frozen=True)
class Asked:
    """Where a request goes, and what that is called."""

    name: str
    url: str


class Parts(Picture):
    """Draw which share of the requests each service answers alone, and which the chain of them.

    Each call goes astray with the same `share`, whoever makes it: the links do that, by their seed.
    `asked` is where each order goes: to each service alone, at /alone, and to the first one. The
    slider changes the share while the orders go on.
    """

    def __init__(self, lab: Verbs, names: Sequence[str], *, share: float, seed: int) -> None:
        options = [(f"{one} of 100", one / 100) for one in _SHARES]
        self._share = StepSlider("astray", options, share)
        self._share.observe(lambda _change: self._use_share(), names="index")
        self._live = LiveChart(
            parts_chart([*names, PRODUCT, WHOLE]),
            alt="The share of requests that each service answers, their product, and the chain's",
            key="what",
            controls=[self._share],
        )
        super().__init__(self._live)
        outer = [lab.link(CUSTOMERS, name) for name in names]
        inner = [lab.link(caller, name) for caller, name in pairwise(names)]
        self._links = [*outer, *inner]
        self._seed = seed
        alone = [
            Asked(name, f"http://{link.address}/alone")
            for name, link in zip(names, outer, strict=True)
        ]
        self.asked = [*alone, Asked(WHOLE, f"http://{outer[0].address}")]
        self._answers: dict[str, list[Answer]] = {}
        self._use_share()

    def _use_share(self) -> None:
        """Let as many calls go astray as the slider says, and begin to count anew."""
        for number, link in enumerate(self._links):
            seed = 100 * self._seed + number
            link.set(Faults(error_share=self._share.value, seed=seed))
        self._answers = {asked.name: [] for asked in self.asked}

    def answered(self, answer: Answer) -> None:
        """Take in what a service alone, or the chain, has answered."""
        self._answers[answer.service].append(answer)

    def figures(self) -> dict[str, float]:
        """Return shares and median latencies: of the worst and slowest part, and of the chain."""
        *alone, whole = self._answers.values()
        shares = [_share(answers) for answers in alone]
        seconds = [_median_seconds(answers) for answers in alone]
        return {
            "chain": round(_share(whole), 3),
            "product": round(math.prod(shares), 3),
            "worst_part": round(min(shares), 3),
            "chain_ms": round(1000 * _median_seconds(whole), 1),
            "sum_ms": round(1000 * sum(seconds), 1),
            "slowest_part_ms": round(1000 * max(seconds), 1),
        }

    def scores(self) -> dict[str, Any]:
        """Return how many requests were sent, and how many got through the chain."""
        whole = self._answers[WHOLE]
        through = sum(answer.is_accepted for answer in whole)
        return {"orders": len(whole), "through the chain": through}

    def _feeds(self) -> Iterator[Feed]:
        yield self._again(self._draw, _LOOKS_PER_SECOND)

    def _draw(self) -> None:
        *alone, whole = self._answers.values()
        if len(whole) < _FEWEST:  # a share of a few says nothing
            return
        shares = {name: _share(answers) for name, answers in self._answers.items()}
        shares[PRODUCT] = math.prod(_share(answers) for answers in alone)
        self._live.push(what=list(shares), share=list(shares.values()))


def parts_chart(names: Sequence[str]) -> Layers:
    """Return bars, one for each of these, with their shares written on them."""
    bars = alt.Chart(alt.NamedData("live")).encode(
        x=alt.X(
            "share:Q",
            title="answered",
            scale=alt.Scale(domain=[0, 1]),
            axis=alt.Axis(format=".0%"),
        ),
        y=alt.Y("what:N", title=None, sort=list(names), scale=alt.Scale(domain=list(names))),
    )
    colour = alt.condition(
        f"datum.what == '{WHOLE}'", alt.value(COLOURS["late"]), alt.value(COLOURS["stream"])
    )
    words = bars.encode(text=alt.Text("share:Q", format=".1%"))
    # In a pair of runs a long bar leaves no room beside it.
    beside = words.transform_filter("datum.share < 0.5").mark_text(align="left", dx=4)
    inside = words.transform_filter("datum.share >= 0.5").mark_text(align="right", dx=-4)
    on_bar = alt.condition(f"datum.what == '{WHOLE}'", alt.value("black"), alt.value("white"))
    return alt.layer(bars.mark_bar().encode(color=colour), beside, inside.encode(color=on_bar))


def _share(answers: Sequence[Answer]) -> float:
    answered = sum(answer.is_accepted for answer in answers)
    return answered / len(answers) if answers else 0.0


def _median_seconds(answers: Sequence[Answer]) -> float:
    taken = [answer.seconds for answer in answers if answer.is_accepted]
    return statistics.median(taken) if taken else 0.0


def why_product(parts: Parts) -> str:
    """Return how many got through, beside what each part does alone."""
    found = parts.figures()
    counts = parts.scores()
    return (
        f"Of {counts['orders']} orders {counts['through the chain']} got through."
        f" The worst service alone answers {found['worst_part']:.1%}; the product of all of them is"
        f" {found['product']:.1%}."
    )
