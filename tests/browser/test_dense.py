"""What is drawn of very many points: the same picture as Vega's own, in less time."""

import altair as alt
import pytest

from eventlab.live import LiveChart
from eventlab.live.widget import script
from tests.browser.vega_page import vega_page

POINTS = 20_000
SERIES = {"x": "at:T", "y": "level:Q", "color": "series:N"}
LINE = alt.Chart(alt.NamedData("live")).mark_line()
POINT = alt.Chart(alt.NamedData("live")).mark_point()
WAVES = "Math.sin(n / 300 + n % 4)"
NOISE = "(n * 7919 % 1009) / 1009 + n % 4"
SPIKE = "n === 8001 ? 5 : Math.sin(n / 9000 + n % 4) / 5"
# With Vega's own drawing and then with ours: how far the two pictures are apart at each pixel.
COMPARE = """
async ({ spec, level, width }) => {
    const value = new Function("n", `return ${level}`);
    const names = ["books", "games", "music", "tools"];
    const rows = Array.from({ length: COUNT }, (_, n) =>
        ({ at: 20 * n, series: names[n % 4], level: n % 9999 === 5 ? null : value(n) }));
    document.body.innerHTML = "<div id=place></div>";
    const options = { actions: false, renderer: "canvas" };
    const { view } = await vegaEmbed(place, { ...spec, width }, options);
    await view.change("live", view.changeset().insert(rows)).runAsync();
    const pixels = async () => {
        await view.resize().runAsync();
        const canvas = place.querySelector("canvas");
        return canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    };
    await pixels();  // the legend's place is found in the first
    await pixels();
    const vegas = (await pixels()).data;
    let calls = 0;
    for (const name of ["lineTo", "arc", "closePath"]) {
        const own = CanvasRenderingContext2D.prototype[name];
        CanvasRenderingContext2D.prototype[name] = function (...more) {
            calls += 1; return own.apply(this, more);
        };
    }
    await pixels();
    const before = calls;
    drawDense(view);
    calls = 0;
    const { data: ours, width: across } = await pixels();
    const others = calls;
    let ink = 0, apart = 0, far = 0;
    for (let i = 0; i < ours.length; i += 4) {
        const least = Math.min(vegas[i], vegas[i + 1], vegas[i + 2]);
        const off = Math.max(...[0, 1, 2, 3].map((k) => Math.abs(vegas[i + k] - ours[i + k])));
        if (least < 250) ink += 1;
        if (off > 64) far += 1;
        apart += off;
    }
    const top = (data) => data.findIndex((one, i) => i % 4 === 0 && one < 200
        && i / 4 % across > across / 3 && i / 4 % across < across / 2);
    return { ink, mean: apart / ink, far: far / ink, before, calls: others,
             tops: [vegas, ours].map((data) => Math.floor(top(data) / 4 / across)) };
}
""".replace("COUNT", str(POINTS))


@pytest.fixture(scope="module", params=[1, 2])
def compared(request, chromium):
    """A function that compares two ways to draw a chart, on a plain screen and on a sharp one."""
    context = chromium.new_context(device_scale_factor=request.param)
    page = vega_page(context)
    source = script("dense.js")
    page.evaluate(f"() => {{ {source}; Object.assign(window, {{ drawDense, thinned }}); }}")

    def compare(chart, level, width=640):
        spec = LiveChart(chart, alt="points").spec
        return page.evaluate(COMPARE, {"spec": spec, "level": level, "width": width})

    yield compare
    context.close()


@pytest.mark.parametrize(("level", "width"), [(WAVES, 640), (NOISE, 311.5), (SPIKE, 640)])
def test_a_line_of_many_points_is_the_same_picture(compared, level, width):
    """In each series, with gaps, however wide; nearly every pixel has the colour it had."""
    found = compared(LINE.encode(**SERIES), level, width)
    assert found["ink"] > 1000
    assert found["mean"] < 1
    assert found["far"] < 0.001
    assert found["calls"] < found["before"]


def test_a_single_spike_is_as_high(compared):
    """One point in 20,000: its tip is in the same row of pixels."""
    first, second = compared(LINE.encode(**SERIES), SPIKE)["tops"]
    assert first == second > 0


@pytest.mark.parametrize("level", [WAVES, NOISE])
@pytest.mark.parametrize(
    "chart",
    [
        POINT.encode(**SERIES),
        POINT.encode(**SERIES, shape="series:N"),
        alt.Chart(alt.NamedData("live")).mark_circle(opacity=1).encode(**SERIES),
    ],
    ids=["rings", "shapes", "discs"],
)
def test_many_symbols_are_the_same_picture(compared, chart, level):
    """They lie one over the other as before, and are not drawn each by itself."""
    found = compared(chart, level)
    assert found["ink"] > 1000
    assert found["mean"] < 2.5
    assert found["far"] < 0.005
    assert found["calls"] < found["before"] / 10


@pytest.mark.parametrize(
    "chart",
    [
        LINE.mark_line(interpolate="step").encode(**SERIES),
        LINE.mark_line(strokeDash=[4, 2]).encode(**SERIES),
        LINE.mark_line(strokeWidth=0.4).encode(**SERIES),
        POINT.encode(**SERIES, size="level:Q"),
        alt.Chart(alt.NamedData("live")).mark_tick().encode(**SERIES),
    ],
    ids=["steps", "dashes", "hair", "sizes", "ticks"],
)
def test_what_is_not_known_to_look_the_same_is_left_to_vega(compared, chart):
    """To the last pixel."""
    found = compared(chart, NOISE, 200)
    assert found["ink"] > 1000
    assert found["mean"] == 0
