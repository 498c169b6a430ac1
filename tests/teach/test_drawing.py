import base64
import io
import re

from PIL import Image

from eventlab.teach import Axis, Curve
from eventlab.teach.drawing import curve_drawing, picture, point_drawing

CURVE = Curve(Axis("readers <n>", 1, 5), Axis("rate", 0, 100), points=3)


def test_a_drawing_becomes_a_picture_with_words():
    """Sharp on screens with two dots a pixel, and its words are no markup."""
    html = picture(point_drawing(0, 60, 12, 40), 'You said "12" < 40')
    assert 'alt="You said &quot;12&quot; &lt; 40"' in html
    png = base64.b64decode(re.search('base64,([^"]+)', html)[1])
    assert Image.open(io.BytesIO(png)).width == 960


def test_a_point_beyond_the_line_stands_at_its_end_with_its_own_figure():
    """What came out may be anything."""
    drawing = point_drawing(0, 60, None, 90)
    assert "the run 90" in drawing
    assert "you" not in drawing


def test_a_curve_has_the_runs_over_the_learners():
    """Each named, both axes with their ends."""
    drawing = curve_drawing(CURVE, (0, 50, 100), CURVE.read_outcome([0, 10, 90]))
    assert drawing.count("<polyline") == 2
    assert "readers &lt;n&gt;" in drawing
    assert drawing.index("you</text>") < drawing.index("the run</text>")
    alone = curve_drawing(CURVE, None, CURVE.read_outcome([0, 10, 90]))
    assert alone.count("<polyline") == 1
