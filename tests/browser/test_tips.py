"""The words beside a mark, in a chart whose rows are renewed."""

import altair as alt
import pytest

from eventlab.live.widget import script
from tests.browser.vega_page import vega_page
from tests.waiting import until

PLACES = {"x": alt.X("at:Q", scale=alt.Scale(domain=[0, 10])), "tooltip": "words:N"}
MARKS = alt.Chart(alt.NamedData("live")).mark_square(size=900, opacity=1).encode(**PLACES)
SHOW = """
async (spec) => {
    document.body.innerHTML = "<div id=place style='width:300px'></div>";
    const options = { actions: false, renderer: "canvas" };
    window.view = (await vegaEmbed(place, spec, options)).view;
    letTipsGo(view);
    await view.insert("live", [{ at: 5, words: "offset 5" }]).runAsync();
}
"""
RENEW = """
async () => {
    const others = view.changeset().remove(() => true).insert([{ at: 9, words: "offset 9" }]);
    await view.change("live", others).runAsync();
}
"""


@pytest.fixture
def page(chromium):
    """A page with one mark, in the middle of its chart."""
    context = chromium.new_context()
    page = vega_page(context)
    page.evaluate(f"() => {{ {script('tips.js')}; window.letTipsGo = letTipsGo; }}")
    page.evaluate(SHOW, MARKS.properties(width=200, height=60).to_dict())
    yield page
    context.close()


def words(page):
    """Return what is written beside the pointer, if anything is."""
    return [tip.inner_text() for tip in page.locator(".vg-tooltip.visible").all()]


def test_words_go_with_a_mark_that_was_renewed(page):
    """As soon as the pointer goes on within the chart."""
    middle = page.evaluate("() => place.getBoundingClientRect().x + view.origin()[0] + 100")
    page.mouse.move(middle, 40)
    until(lambda: words(page) == ["offset 5"], what="the words of the mark")
    page.evaluate(RENEW)
    page.mouse.move(middle - 80, 40)
    until(lambda: words(page) == [], what="the words to go")
