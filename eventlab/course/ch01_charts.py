"""Chapter 01, further: pictures of what batches buy, what old data cost, what a terabit takes."""

import statistics
from collections.abc import Iterator

import altair as alt
import ipywidgets

from eventlab.course.ch01_costs import SameCost, plan
from eventlab.live import LiveChart
from eventlab.live.steps import StepSlider
from eventlab.live.theme import COLOURS
from eventlab.live.widget import Feed
from eventlab.pictures.picture import Picture

NEEDS = [
    "machines to write it once",
    "machines for all copies",
    "petabytes to keep it",
    "disks of 20 TB for that",
]
_WAYS = ["one by one", "batched"]
_MOST = 10_000_000
_INSIDE = 100_000  # from here on a bar has room for its number, and the page has none beside it


def sendings(found: dict[str, float]) -> LiveChart:
    """Return two pairs of bars: events a second, and bytes for an event, either way."""
    rates = [found["events_per_second_one_by_one"], found["events_per_second_batched"]]
    sizes = [found["bytes_one_by_one"], found["bytes_batched"]]
    titles = {"rate": "events a second", "size": "bytes on the wire for an event"}
    chart = LiveChart(
        alt.vconcat(*[_bars(kind, title) for kind, title in titles.items()]),
        alt=f"Batched, {found['factor']:.0f} times as many events a second,"
        f" and {found['factor_in_bytes']:.1f} times fewer bytes for each",
    )
    chart.push(kind=["rate"] * 2 + ["size"] * 2, what=_WAYS * 2, amount=rates + sizes)
    return chart


def _bars(kind: str, title: str) -> alt.LayerChart:
    base = alt.Chart(alt.NamedData("live")).transform_filter(f"datum.kind == '{kind}'")
    base = base.encode(x=alt.X("amount:Q", title=title), y=alt.Y("what:N", sort=_WAYS, title=None))
    words = base.mark_text(align="left", dx=4).encode(text=alt.Text("amount:Q", format=",.0f"))
    chart: alt.LayerChart = base.mark_bar(color=COLOURS["stream"]) + words
    return chart.properties(height=80)


def costs(found: SameCost) -> LiveChart:
    """Return two bars, what an old and a new event cost in the middle, and a line for each turn."""
    turns = {"the oldest": found.old, "new ones": found.new}
    middles = {name: statistics.median(amounts) for name, amounts in turns.items()}
    # The amounts stand with the names: beside the bars are the turns.
    names = {name: f"{name}: {middle:,.1f}" for name, middle in middles.items()}
    most = 3 * max(middles.values())
    base = alt.Chart(alt.NamedData("live")).encode(
        x=alt.X("amount:Q", title="microseconds for an event"),
        y=alt.Y("what:N", sort=list(names.values()), title=None),
    )
    bars = base.transform_filter("datum.kind == 'middle'").mark_bar(color=COLOURS["stream"])
    lines = base.transform_filter("datum.kind == 'turn'").mark_tick(
        color=COLOURS["late"], opacity=0.6, thickness=1
    )
    chart = LiveChart(
        (bars + lines).properties(height=80),
        alt=f"An old event costs {found.factor:.2f} times what a new one costs",
    )
    for name, amounts in turns.items():
        kinds = ["middle"] + ["turn"] * len(amounts)
        shown = [middles[name], *(min(amount, most) for amount in amounts)]
        chart.push(kind=kinds, what=[names[name]] * len(kinds), amount=shown)
    return chart


class Terabit(Picture):
    """Draw what a stream of terabits takes, by this machine's own figures; sliders change it."""

    def __init__(self, write_rate: float) -> None:
        self._write_rate = write_rate
        rates = (0.1, 0.2, 0.5, 1, 2, 5, 10)
        self.terabits = StepSlider("Tbit/s", [(f"{rate:g}", rate) for rate in rates], 1)
        self.copies = StepSlider("copies", [(str(n), n) for n in range(1, 6)], 3)
        days = (1, 2, 7, 14, 30, 90, 365)
        self.days = StepSlider("days kept", [(str(number), number) for number in days], 7)
        sliders = [self.terabits, self.copies, self.days]
        self._live = LiveChart(
            terabit_chart(),
            alt="How many machines like this one, and how many disks, a terabit a second takes",
            key="what",
            controls=[ipywidgets.VBox(sliders)],
        )
        super().__init__(self._live)
        for slider in sliders:
            slider.observe(self._draw, "index")
        self._draw()

    def _feeds(self) -> Iterator[Feed]:
        return iter(())

    def _draw(self, _change: object = None) -> None:
        needed = plan(self._write_rate, self.terabits.value, self.copies.value, self.days.value)
        machines = [needed.machines_for_one_copy, needed.machines]
        amounts = [*machines, needed.petabytes, needed.disks]
        self._live.push(what=NEEDS, amount=amounts)


def terabit_chart() -> alt.LayerChart:
    """Return the chart: a bar for each of what is needed, on a scale of powers of ten."""
    base = alt.Chart(alt.NamedData("live")).encode(
        x=alt.X(
            "amount:Q",
            title="how many, each step ten times as many",
            scale=alt.Scale(type="log", domain=[1, _MOST], clamp=True),
            axis=alt.Axis(format="~s"),
        ),
        y=alt.Y("what:N", title=None, scale=alt.Scale(domain=NEEDS), axis=alt.Axis(labelLimit=220)),
    )
    bars = base.mark_bar(color=COLOURS["stream"]).encode(x2=alt.datum(1))
    numbers = base.encode(text=alt.Text("amount:Q", format=",.0f"))
    beside = numbers.transform_filter(f"datum.amount < {_INSIDE}").mark_text(align="left", dx=4)
    inside = numbers.transform_filter(f"datum.amount >= {_INSIDE}").mark_text(
        align="right", dx=-4, color="white"
    )
    chart: alt.LayerChart = (bars + beside + inside).properties(height=150)
    return chart
