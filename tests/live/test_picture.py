import base64
import io

import altair
import vl_convert
from PIL import Image

from eventlab.live.picture import still

POINTS = [{"a": n, "b": n % 3} for n in range(20)]
SPEC = (
    altair.Chart(altair.InlineData(POINTS), width=200, height=100)
    .mark_bar()
    .encode(x="a:Q", y="b:Q", color=altair.value("#0072B2"))
)


def test_a_picture_is_sharp_small_and_has_words():
    """Twice the dots of its size on the page, a palette in place of full colour, and alt text."""
    data, metadata = still(SPEC.to_dict(), "Twenty bars", "Chart")
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    shown = metadata["image/png"]
    assert image.mode == "P"
    assert image.size == (2 * shown["width"], 2 * shown["height"])
    assert shown["width"] > 200
    assert shown["alt"] == "Twenty bars"
    assert data["text/plain"] == "Chart"


def test_the_chart_is_in_the_picture():
    """It has pixels in the bars' own colour."""
    data, _ = still(SPEC.to_dict(), "Twenty bars", "Chart")
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("RGBA")
    near = [
        n
        for n, c in image.getcolors(1 << 20)
        if abs(c[0]) < 8 and abs(c[2] - 0xB2) < 8 and c[3] == 255
    ]
    assert sum(near) > 1000


def test_a_chart_that_has_not_changed_is_drawn_once(monkeypatch):
    """One of another row is drawn anew, and words are none of the drawing."""
    drawings = []
    draw = vl_convert.vegalite_to_png
    monkeypatch.setattr(
        vl_convert, "vegalite_to_png", lambda *a, **b: [drawings.append(a), draw(*a, **b)][1]
    )
    spec = SPEC.properties(title="Only here").to_dict()
    once, _ = still(spec, "Twenty bars", "Chart")
    again, metadata = still(spec, "Bars, again", "Chart")
    assert again == once
    assert metadata["image/png"]["alt"] == "Bars, again"
    assert len(drawings) == 1
    other, _ = still(spec | {"title": "Another"}, "Twenty bars", "Chart")
    assert other["image/png"] != once["image/png"]
    assert len(drawings) == 2
