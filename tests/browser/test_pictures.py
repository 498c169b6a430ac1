"""The pictures of streams in a real JupyterLab, each in one line of a notebook."""

import nbformat
import pytest

from tests.waiting import until

pytestmark = pytest.mark.broker

SET_UP = """
from datetime import timedelta
from itertools import islice
import bytewax.operators as op
from bytewax.dataflow import Dataflow
from eventlab import Lab
from eventlab.events import Order, Payment, Shop, late
from eventlab.pictures import JoinPicture, LagPicture, LatenessPicture
from eventlab.streams import join_streams

lab = Lab(chapter="pictures")
story = list(islice(Shop(seed=3).only(Order, Payment), 600))
placed = [event for event in story if isinstance(event, Order)]
paid = [event for event in story if isinstance(event, Payment)]
orders, payments, joined = (lab.new_topic(name) for name in ("orders", "payments", "joined"))
flow = Dataflow("paid")
sides = [
    op.key_on(f"key {number}", op.input(f"in {number}", flow, lab.source(topic)),
              lambda arrival: arrival.event["order_id"])
    for number, topic in enumerate([orders, payments])]
both = join_streams("join", *sides, within=timedelta(minutes=30), how="left")
op.output("out", both.joined, lab.sink(joined))
running = lab.run(flow)
"""
PICTURES = [
    "lab.show(JoinPicture(orders, payments, joined))",
    "lab.show(LagPicture(running))",
    "lab.show(LatenessPicture(orders))",
]
PLAY = """
for events, topic in [(placed, orders), (paid, payments)]:
    arriving = late(events, seed=1, probability=0.3) if topic is orders else events
    player = lab.play(arriving, into=topic, key="order_id", speed=1200, control=False)
"""


@pytest.fixture
def notebook(server):
    """The name of a notebook with the pictures that no chapter shows yet."""
    sources = [SET_UP, *PICTURES, PLAY]
    written = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source.strip()) for source in sources],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(written, server.root / "pictures.ipynb")
    return "pictures.ipynb"


def figure(chart, name: str) -> float:
    """Return a figure that a chart tells of itself, 0 before it does."""
    return float(chart.get_attribute(f"data-{name}") or 0)


def test_a_join_its_lag_and_lateness_move(lab_page, notebook):
    """Each draws frames, has words for those who cannot see it, and none ends in an error."""
    lab_page.open(notebook)
    lab_page.run_cells(0, len(PICTURES) + 1)
    for number, words in enumerate(["lines between those that match", "has not read", "come how"]):
        lab_page.select(number + 1)
        chart = lab_page.output(number + 1).locator("[data-eventlab=chart]").first
        until(
            lambda: figure(chart, "frames") > 10 and figure(chart, "rows") > 0,  # noqa: B023
            seconds=60,
            what=f"frames of picture {number}",
        )
        assert words in chart.locator("[aria-label]").first.get_attribute("aria-label")
        lab_page.screenshot(f"picture_{number}")
    assert lab_page.error_outputs() == []
