import base64
import io
from datetime import UTC, datetime, timedelta

import altair
import ipywidgets
import numpy
import pandas
import pytest
from PIL import Image

from eventlab.errors import ChartError, UsageError
from eventlab.live import LiveChart
from tests.waiting import until

BARS = altair.Chart(altair.NamedData("live")).mark_bar().encode(x="t:T", y="v:Q", color="k:N")
START = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def sent(monkeypatch):
    """What charts send, as (message, buffers)."""
    messages = []
    monkeypatch.setattr(
        LiveChart, "send", lambda self, message, buffers: messages.append((message, buffers))
    )
    return messages


@pytest.fixture
def chart(sent):
    """A chart of a stream with a window of ten seconds."""
    with LiveChart(BARS, alt="Bars", time="t", window=10, rate=100) as chart:
        yield chart


def times(*seconds):
    return [START + timedelta(seconds=s) for s in seconds]


def test_what_is_pushed_is_sent_as_columns(chart, sent):
    """Numbers and moments as doubles in a buffer, words as they are."""
    chart.push(t=times(0, 1), v=[1, None], k=["a", "b"])
    until(lambda: sent)
    message, buffers = sent[0]
    assert message == {
        "type": "rows",
        "columns": [["t", None, 0], ["v", None, 1], ["k", ["a", "b"]]],
        "count": 2,
        "gone": [],
        "all": False,
        "sequence": 1,
    }
    milliseconds = numpy.frombuffer(buffers[0], "<f8")
    assert milliseconds.tolist() == [START.timestamp() * 1000, START.timestamp() * 1000 + 1000]


def test_many_pushes_are_few_messages(sent):
    """The sender goes at its own rate, whatever comes: a page is never flooded."""
    with LiveChart(BARS, alt="Bars", rate=1) as chart:
        for number in range(1000):
            chart.push(t=[number], v=[number], k=["a"])
    assert len(sent) <= 2
    assert sum(message["count"] for message, _ in sent) == 1000


def test_a_late_page_gets_all_rows_and_vega(chart, sent, monkeypatch):
    """It asks for both, and is answered each time it asks."""
    monkeypatch.setattr("eventlab.live.chart.vega_bundle", lambda: b"vega")
    chart.push(t=times(0), v=[1], k=["a"])
    until(lambda: sent)
    chart._asked(chart, {"type": "vega?"}, [])
    chart._asked(chart, {"type": "all?"}, [])
    assert sent[1] == ({"type": "vega"}, [b"vega"])
    assert (sent[2][0]["all"], sent[2][0]["count"]) == (True, 1)


def test_with_a_key_rows_replace_each_other_and_may_go(sent):
    """A table in place of a stream: the page learns which keys went."""
    with LiveChart(BARS, alt="Bars", key="k", rate=0.001) as chart:
        chart.push(k=["a", "b"], v=[1, 2])
        chart.push(k=["a"], v=[3])
        chart.remove(["b"])
        assert chart.rows == {"k": ["a"], "v": [3]}
    assert (sent[-1][0]["count"], sent[-1][0]["gone"]) == (1, ["b"])


def test_rows_may_be_replaced_as_a_whole(sent):
    """The page learns that these are all."""
    with LiveChart(BARS, alt="Bars", rate=0.001) as chart:
        chart.push(v=[1, 2])
        chart.replace(v=[3])
        assert chart.rows == {"v": [3]}
    assert (sent[-1][0]["count"], sent[-1][0]["all"]) == (1, True)


def colours(data):
    """Return the colours of a picture that cover more than a few pixels."""
    image = Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("RGBA")
    return {colour[:3] for count, colour in image.getcolors(1 << 20) if count > 400}


def near(colours, wanted):
    return any(max(abs(a - b) for a, b in zip(one, wanted, strict=True)) < 12 for one in colours)


BLUE, ORANGE = (0, 0x72, 0xB2), (0xE6, 0x9F, 0)


def test_the_still_ends_at_the_newest_time(chart):
    """The window is cut there although an older row came last, and a row without a time is kept."""
    chart.push(t=times(0, 11, 12), v=[9, 1, 1], k=["old", "new", "new"])
    chart.push(t=times(5), v=[1], k=["new"])
    rows = chart._rows_in_window()
    assert [row["t"] / 1000 - START.timestamp() for row in rows] == [11, 12, 5]
    chart.push(t=[None], v=[1], k=["new"])
    assert chart._rows_in_window()[-1]["t"] is None


def test_the_still_shows_the_rows(chart):
    """In the hues of our palette, of the size that the chart has on the page, with its words."""
    data, metadata = chart._still()
    assert not near(colours(data), BLUE)
    chart.push(t=times(0, 1), v=[5, 5], k=["a", "b"])
    data, metadata = chart._still()
    assert near(colours(data), BLUE)
    assert near(colours(data), ORANGE)
    assert metadata["image/png"] == {"width": 640, "height": 240, "alt": "Bars"}
    assert data["text/plain"] == "LiveChart"


def test_what_the_page_has_drawn_is_its_still_until_other_rows_come(chart):
    """Drawing it in Python takes 100 MB; but never is it a picture of rows that are past."""
    chart.push(t=times(0), v=[5], k=["a"])
    chart._send_fresh()
    shot = {"png": "drawn", "width": 300, "height": 200, "sequence": chart._sequence}
    chart._asked(chart, {"type": "drawn", "shots": [shot | {"sequence": shot["sequence"] - 1}]}, [])
    assert chart._still()[0]["image/png"] != "drawn"
    chart._asked(chart, {"type": "drawn", "shots": [shot]}, [])
    data, metadata = chart._still()
    assert data["image/png"] == "drawn"
    assert metadata["image/png"] == {"width": 300, "height": 200, "alt": "Bars"}
    chart.push(t=times(1), v=[5], k=["a"])
    assert chart._still()[0]["image/png"] != "drawn"
    chart._send_fresh()
    assert chart._still()[0]["image/png"] != "drawn"
    chart._asked(chart, {"type": "drawn", "shots": [None]}, [])
    assert chart._still()[0]["image/png"] != "drawn"


def test_the_still_keeps_the_charts_other_data():
    """A line that stays where it is may stand beside what moves."""
    mark = altair.Chart(pandas.DataFrame({"y": [1]})).mark_rule(size=9, color="#0072B2")
    with LiveChart(mark.encode(y="y:Q") + BARS, alt="Bars and a line") as chart:
        assert near(colours(chart._still()[0]), BLUE)


def test_a_chart_of_nothing_has_a_still_too(notebook):
    """A run that brought no rows ends without an error."""
    page = notebook(page=True)
    with LiveChart(BARS, alt="Bars", time="t", window=timedelta(minutes=1)) as chart:
        chart.show()
    assert "image/png" in page.renewals[0]


def test_controls_stand_above_the_chart(notebook):
    """In one box, so that a notebook shows them together."""
    page = notebook(page=True)
    slider = ipywidgets.IntSlider()
    with LiveChart(BARS, alt="Bars", controls=[slider]) as chart:
        chart.show()
        model = page.shown["application/vnd.jupyter.widget-view+json"]["model_id"]
        (box,) = [w for w in ipywidgets.widgets.widget._instances.values() if w.model_id == model]
        assert box.children == (slider, chart)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window": 10}, "needs a time"),
        ({"window": 0, "time": "t"}, "argument window"),
        ({"window": timedelta(0), "time": "t"}, "argument window"),
        ({"keep": 0}, "argument keep"),
        ({"rate": -1}, "argument rate"),
        ({"rate": "fast"}, "argument rate"),
        ({"moved": print}, "need a key"),
    ],
)
def test_what_cannot_be_is_refused_at_once(options, message):
    """One clear error in place of a chart that stands still."""
    with pytest.raises(UsageError, match=message):
        LiveChart(BARS, alt="Bars", **options)


def test_a_row_that_a_hand_has_moved_is_told_with_its_place(sent):
    """What goes wrong then stands under the chart, and the next one is told all the same."""
    moves = []

    def moved(row, to):
        moves.append((row, to))
        if to < 0:
            raise ValueError("no such place")

    chart = LiveChart(BARS, alt="Bars", key="k", moved=moved)
    chart._asked(chart, {"type": "moved", "row": "a", "to": -1.5}, [])
    assert "no such place" in chart.trouble
    chart._asked(chart, {"type": "moved", "row": "b", "to": 7}, [])
    assert moves == [("a", -1.5), ("b", 7)]


def test_a_chart_needs_words():
    """Given ones or its own."""
    with pytest.raises(ChartError, match="who cannot see"):
        LiveChart(BARS)
    with LiveChart(BARS.properties(title="Orders")) as chart:
        assert chart.alt == "Orders"


def test_to_make_one_starts_nothing(notebook):
    """Neither a thread nor an output: showing it does, and to show it twice is harmless."""
    page = notebook(page=True)
    chart = LiveChart(BARS, alt="Bars")
    chart.push(t=[1], v=[1], k=["a"])
    assert (chart._sender.is_alive, page.shown) == (False, None)
    assert chart.show() is chart.show()
    assert chart._sender.is_alive
    chart.stop()
    assert not chart._sender.is_alive


def test_a_field_called_self_is_a_column(chart):
    """And so is any other word."""
    chart.push(**{"self": [1], "t": times(0)})
    chart.replace(**{"self": [2], "t": times(0)})
    assert chart.rows["self"] == [2]


def test_times_as_text_move_the_window(chart):
    """As they come out of JSON; the still is made of the same rows."""
    chart.push(t=["2026-01-01T00:00:00Z", "2026-01-01T00:01:00.5Z"], v=[1, 2], k=["a", "b"])
    assert [row["v"] for row in chart._rows_in_window()] == [2]


def test_what_is_no_time_is_told_and_its_row_stays(chart):
    """The others move the window."""
    chart.push(t=["soon", *times(0, 60)], v=[1, 2, 3], k=["a", "b", "c"])
    assert "found 'soon'" in chart.trouble
    assert [row["v"] for row in chart._rows_in_window()] == [1, 3]
