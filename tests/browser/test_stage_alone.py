"""The stage's script without JupyterLab: in a blank page that has a notebook's outline."""

import pytest

from eventlab.live.widget import script, style
from tests.waiting import until

MAKE = """([css, height, bands, words]) => {
    const notebook = `<style>${css}</style><div class=jp-NotebookPanel
        style="position: relative; width: 840px; height: ${height}px"><div id=cell></div></div>`;
    document.body.innerHTML = notebook;
    window.heard = {};
    window.traits = { name: String(Math.random()), title: "A shop", captions: [], views: [],
        acts: [], board: { heads: [""], rows: [["sent", "60"]], words: [""] }, turns: [], bands,
        places: [{ name: "front end to warehouse", now: "", choices: [words] }],
        status: { state: "playing", words: "playing", speeds: [], of_seconds: 100 } };
    const picture = (name) => {
        const el = document.createElement("div"), drawing = document.createElement("div");
        drawing.dataset.eventlab = "chart";
        drawing.dataset.name = name;
        drawing.style.height = "120px";
        el.append(drawing);
        return { el, remove: () => el.remove() };
    };
    const manager = { get_model: async (name) => name, create_view: async (name) => picture(name) };
    const model = { get: (name) => traits[name] ?? "", set() {}, send() {}, off() {},
        on: (what, act) => { (heard[what] ??= []).push(act); }, widget_manager: manager };
    window.tell = (changes) => {
        Object.assign(traits, changes);
        const acts = Object.keys(changes).flatMap((name) => heard[`change:${name}`] ?? []);
        for (const act of acts) act();
    };
    stage({ model, el: document.getElementById("cell") });
}"""
PANEL = ".eventlab-stage-panel"
LONG = "50 ms ± 20 ms later each way, 100 bytes a second"


@pytest.fixture
def page(chromium):
    """A page that knows how to make a stage."""
    context = chromium.new_context()
    page = context.new_page()
    source = script("shots.js", "panel.js", "stage.js")
    source = source.replace("export default { render }", "window.stage = render")
    page.evaluate(f"() => {{ {source} }}")
    yield page
    context.close()


def put_stage(page, *, height=700, bands=()):
    """Let a stage with one place that can be broken stand beside a narrow notebook."""
    css = style("controls.css") + style("stage.css")
    page.evaluate(MAKE, [css, height, list(bands), LONG])
    page.wait_for_selector(f"{PANEL} select")


def band(begin, end, words=LONG, target="pages to log"):
    return {"target": target, "begin": begin, "end": end, "words": words}


CUT_OFF = """() => [...document.querySelectorAll(".eventlab-stage-happens")].filter((one) => {
    const words = document.createRange();
    words.selectNodeContents(one);
    const { left, right, top, bottom } = words.getBoundingClientRect();
    const track = one.closest(".eventlab-stage-track").getBoundingClientRect();
    const own = one.getBoundingClientRect();
    return left < Math.max(own.left, track.left) || right > Math.min(own.right, track.right)
        || top < track.top || bottom > track.bottom;
}).length"""
ON_ANOTHER = """() => {
    const all = (name) => [...document.querySelectorAll(name)];
    const onEachOther = (one, other) => {
        const [a, b] = [one, other].map((each) => each.getBoundingClientRect());
        return !one.contains(other) && !other.contains(one) && a.left < b.right - 1
            && a.right > b.left + 1 && a.top < b.bottom && a.bottom > b.top;
    };
    const words = all(".eventlab-stage-happens"), bands = all(".eventlab-stage-outage");
    const others = [...words, ...bands];
    return words.filter((one) => others.some((other) => onEachOther(one, other))).length;
}"""


@pytest.mark.parametrize(
    "bands",
    [
        [band(0, 45), band(45, 70, "hangs"), band(70, 98)],
        [band(2, 8), band(90, 98)],
        [band(75, 80), band(40, 45)],
        [band(2, 8), band(60, 63)],
        [band(0, 5), band(45, 50), band(93, 98)],
        [band(60, 63, target="front end to the warehouse of the shop, and from there to the log")],
    ],
)
def test_the_words_of_an_outage_are_read_in_full(page, bands):
    """In as many lines as they need, and on no other band or words."""
    put_stage(page, bands=bands)
    assert page.locator(f"{PANEL} .eventlab-stage-happens").count() == len(bands)
    assert page.evaluate(CUT_OFF) == 0
    assert page.evaluate(ON_ANOTHER) == 0


def test_the_choices_of_what_is_broken_are_read_in_full(page):
    """A list is as wide as its longest words, where the panel is."""
    put_stage(page)
    widths = page.locator(f"{PANEL} .eventlab-stage-hand select").evaluate_all(
        """(lists) => lists.map((one) => {
            const width = one.getBoundingClientRect().width;
            one.style.maxWidth = "none";
            return one.getBoundingClientRect().width - width;
        })"""
    )
    assert widths == [0, 0]


SIGN = """async (height) => {
    document.querySelector(".jp-NotebookPanel").style.height = `${height}px`;
    for (let n = 0; n < 3; n += 1) await new Promise(requestAnimationFrame);
    const bottom = (name) => document.querySelector(name).getBoundingClientRect().bottom;
    const hidden = bottom(".eventlab-stage-hand") - bottom(".eventlab-stage-scene");
    return [document.querySelector(".eventlab-stage-more").hidden, hidden];
}"""


def test_what_is_cut_off_below_has_a_sign_which_is_not_its_own_reason(page):
    """However little it is, while the room gets less; while it gets more, at the same heights."""
    bands = [band(10 + n, 60, target=f"service {n}") for n in range(14)]
    put_stage(page, height=800, bands=bands)
    heights = range(800, 600, -5)
    less = [page.evaluate(SIGN, height) for height in heights]
    more = [page.evaluate(SIGN, height) for height in reversed(heights)]
    assert {is_hidden for is_hidden, _ in less} == {True, False}
    assert [cut for is_hidden, cut in less + more if is_hidden and cut > 2] == []
    assert [is_hidden for is_hidden, _ in reversed(more)] == [is_hidden for is_hidden, _ in less]


def test_the_sign_keeps_the_focus_while_there_is_more(page):
    """By the keyboard one goes on to the end."""
    put_stage(page, height=520, bands=[band(10 + n, 60, target=f"service {n}") for n in range(14)])
    sign = page.locator(".eventlab-stage-more")
    sign.focus()
    page.evaluate(SIGN, 517)
    page.evaluate(SIGN, 514)
    assert sign.evaluate("(one) => one === document.activeElement && !one.hidden")


SEEN = """() => [...document.querySelectorAll(".eventlab-stage [data-name]")]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }))
    .map((one) => one.dataset.name)"""
MADE = """() => [...document.querySelectorAll("[data-name]")].map((one) => one.dataset.name)"""


def draw(page, name):
    """Let a picture draw its first frame."""
    page.locator(f"[data-name={name}]").evaluate("(one) => { one.dataset.frames = 1; }")


def test_what_stood_there_stays_until_what_comes_is_drawn(page):
    """All of it; and what comes takes no room until then."""
    put_stage(page)
    page.evaluate("() => tell({ views: ['one'] })")
    until(lambda: page.evaluate(SEEN) == ["one"], what="the first, which follows nothing")
    height = page.locator(".eventlab-stage-scene").evaluate("(one) => one.scrollHeight")
    page.evaluate("() => { performance.now = () => 0; }")  # no time passes
    page.evaluate("() => tell({ views: ['two', 'three'], captions: ['as it is', 'broken'] })")
    until(lambda: page.evaluate(MADE) == ["one", "two", "three"], what="the next ones")
    draw(page, "two")
    assert page.evaluate(SEEN) == ["one"]
    assert page.locator(".eventlab-stage-scene").evaluate("(one) => one.scrollHeight") == height
    draw(page, "three")
    until(lambda: page.evaluate(SEEN) == ["two", "three"], what="both")
    assert page.evaluate(MADE) == ["two", "three"]


def test_what_is_never_drawn_comes_all_the_same(page):
    """What it follows has ended, and is not to stay for good."""
    put_stage(page)
    page.evaluate("() => tell({ views: ['one'] })")
    until(lambda: page.evaluate(SEEN) == ["one"], what="the first")
    page.evaluate("() => tell({ views: ['two'] })")
    until(lambda: page.evaluate(SEEN) == ["two"], what="the second")
    assert page.evaluate(MADE) == ["two"]


def test_of_those_that_come_at_the_same_time_the_last_stays(page):
    """Nothing is left of the one before, drawn or not."""
    put_stage(page)
    page.evaluate("() => tell({ views: ['one'] })")
    until(lambda: page.evaluate(SEEN) == ["one"], what="the first")
    page.evaluate("() => tell({ views: ['two'] })")
    until(lambda: page.evaluate(MADE) == ["one", "two"], what="the second")
    page.evaluate("() => tell({ views: ['three'] })")
    until(lambda: page.evaluate(MADE) == ["three"], what="the third alone")
