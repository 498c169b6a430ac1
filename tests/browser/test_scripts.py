"""What the page's scripts do, without JupyterLab: in a blank page of the same browser."""

import json

import pytest

from eventlab.live.widget import script, style

NAMES = "askUntil, rowsOf, showTrouble, Pending, Layout, letRowsMove, watchLife, tellRest"


@pytest.fixture(scope="module")
def blank(chromium):
    """A function that evaluates JavaScript in which the scripts' names are known."""
    source = script("vega.js", "pending.js", "drag.js", "chart.js").replace(
        "export default", "void"
    )
    context = chromium.new_context()
    page = context.new_page()
    page.evaluate(f"() => {{ {source}; Object.assign(window, {{ {NAMES} }}); }}")
    yield lambda body: page.evaluate(f"async () => {{ {body} }}")
    context.close()


def pending(settings, *steps):
    """Return a program that feeds rows on page and screen, and tells which are left on screen."""
    return (
        f"const pending = new Pending({settings}); let screen = [];"
        "const add = (rows, gone = [], all = false) => pending.add(rows, gone, all);"
        "const draw = () => { const {arriving, leaving} = pending.take();"
        " screen = screen.filter((row) => !leaving.includes(row)).concat(arriving); };"
        + "".join(f"{step};" for step in steps)
        + "return screen.map(({__number, ...row}) => row);"
    )


STREAM = "{keep: 3, time: null, window: null, key: null}"
WINDOW = "{keep: 100, time: 't', window: 10, key: null}"
TABLE = "{keep: 100, time: null, window: null, key: 'k'}"


def test_only_the_newest_rows_are_kept(blank):
    """Those that were drawn make room for those that come."""
    left = pending(STREAM, "add([{a: 1}, {a: 2}])", "draw()", "add([{a: 3}, {a: 4}])", "draw()")
    assert blank(left) == [{"a": 2}, {"a": 3}, {"a": 4}]


def test_a_hidden_tab_does_not_grow(blank):
    """It draws no frames, so what it would never show is forgotten."""
    steps = ["for (let n = 0; n < 100; n++) add([{a: n}])", "window.waited = pending.rows.length"]
    assert blank(pending(STREAM, *steps, "draw()")) == [{"a": 97}, {"a": 98}, {"a": 99}]
    assert blank("return window.waited") <= 6


def test_the_window_ends_at_the_newest_time(blank):
    """A late row within it is drawn, one before it is not, and one without a time stays."""
    left = pending(
        WINDOW,
        "add([{t: 0}, {t: 11}, {t: null}])",
        "draw()",
        "add([{t: 20}, {t: 12}, {t: 9}])",
        "draw()",
    )
    assert blank(left) == [{"t": 11}, {"t": None}, {"t": 20}, {"t": 12}]


def test_times_before_1970_have_a_window_too(blank):
    """A row without a time does not pass for one of 1970."""
    left = pending(WINDOW, "add([{t: -100}, {t: -95}, {t: null}])", "draw()")
    assert blank(left) == [{"t": -100}, {"t": -95}, {"t": None}]


def test_a_row_takes_the_place_of_the_one_with_its_key(blank):
    """Drawn or still waiting."""
    left = pending(
        TABLE,
        "add([{k: 'a', v: 1}, {k: 'b', v: 2}])",
        "draw()",
        "add([{k: 'a', v: 3}])",
        "add([{k: 'a', v: 4}])",
        "draw()",
    )
    assert blank(left) == [{"k": "b", "v": 2}, {"k": "a", "v": 4}]


def test_a_row_that_went_is_neither_drawn_nor_left(blank):
    """And one that came back is."""
    left = pending(
        TABLE,
        "add([{k: 'a'}, {k: 'b'}])",
        "draw()",
        "add([{k: 'c'}])",
        "add([], ['a', 'c'])",
        "add([], ['b'])",
        "add([{k: 'b', v: 1}])",
        "draw()",
    )
    assert blank(left) == [{"k": "b", "v": 1}]


def test_all_there_is_replaces_what_was_there(blank):
    """What waited before it is forgotten, what comes after it is added."""
    left = pending(
        WINDOW, "add([{t: 90}])", "draw()", "add([{t: 95}])", "add([{t: 1}], [], true)",
        "add([{t: 2}])", "draw()",
    )  # fmt: skip
    assert blank(left) == [{"t": 1}, {"t": 2}]


def test_columns_become_rows(blank):
    """Doubles from anywhere in a buffer, words as they are, and NaN is null."""
    rows = blank(
        "const bytes = new Float64Array([0, 1.5, NaN]);"
        "const part = new DataView(bytes.buffer, 8, 16);"
        "return rowsOf({columns: [['n', null, 0], ['w', ['a', null]]], count: 2}, [part]);"
    )
    assert rows == [{"n": 1.5, "w": "a"}, {"n": None, "w": None}]


ASKED = (
    "const asked = [], said = [];"
    "const model = {send: (message) => asked.push(message.type)};"
    "const tell = (word) => () => said.push(word);"
    "const options = {every: 1, tries: 40, late: tell('late'), giveUp: tell('gave up')};"
    "const wait = (done) => new Promise((go) => { const look = setInterval(() => {"
    " if (done()) { clearInterval(look); go(); } }, 1); });"
)


def test_what_is_not_answered_is_asked_again_and_given_up_in_the_end(blank):
    """After a while the page says that it takes long, and then that no answer will come."""
    result = blank(
        f"{ASKED} askUntil(model, 'all?', options);"
        "await wait(() => said.length === 2); return {asked, said};"
    )
    assert result == {"asked": ["all?"] * 40, "said": ["late", "gave up"]}


def test_an_answer_ends_the_asking(blank):
    """Nothing is asked, or said, afterwards."""
    result = blank(
        f"{ASKED} const stop = askUntil(model, 'all?', options);"
        "await wait(() => asked.length === 3); stop(); const then = asked.length; let ticks = 0;"
        "await wait(() => ++ticks === 60); return {more: asked.length - then, said};"
    )
    assert result == {"more": 0, "said": []}


def test_a_new_word_lays_the_legend_out_again(blank):
    """Words that are known and numbers wait for the next second."""
    due = blank(
        "const layout = new Layout(); const at = (w) => layout.isDue([{w, n: 1}], false);"
        "return [at('a'), at('a'), at('b'), at(7), layout.isDue([], true)];"
    )
    assert due == [True, False, True, False, True]


def test_what_went_wrong_stands_under_the_picture_until_it_is_mended(blank):
    """As words, not as markup, and said aloud to those who cannot see it."""
    lines = blank(
        "const el = document.createElement('div'); el.append('picture');"
        "let trouble = 'ValueError: <b>', call = null;"
        "const model = {get: () => trouble, on: (name, then) => { call = then; }, off: () => {}};"
        "showTrouble(model, el); const line = el.lastChild, before = line.outerHTML;"
        "trouble = ''; call(); return [before, line.hidden];"
    )
    assert lines == [
        '<div class="eventlab-line eventlab-trouble" role="alert">ValueError: &lt;b&gt;</div>',
        True,
    ]


RESTING = """
    const sent = [], heard = [];
    const model = { on: (name, then) => heard.push(then), off: () => { heard.length = 0; },
        send: (message) => sent.push(message) };
    const soon = () => new Promise((go) => setTimeout(go, 100));
    document.body.innerHTML = "<div class='jp-OutputArea-child'><input><p>picture</p></div>";
    const el = document.querySelector("p"), input = document.querySelector("input");
"""


def test_a_picture_at_rest_is_told_once_after_each_change(blank):
    """And no more when its view is gone."""
    program = RESTING + (
        "const end = tellRest(model, el, { shot: () => sent.length, after: 10 }); await soon();"
        "const first = sent.length; heard[0](); heard[0](); await soon();"
        "heard[0](); end(); await soon(); return [first, sent];"
    )
    shots = [{"type": "rest", "shot": 0}, {"type": "rest", "shot": 1}]
    assert blank(program) == [1, shots]


def test_a_picture_at_rest_whose_kernel_has_just_gone_says_nothing(blank):
    """Its comm throws before the page has heard of that."""
    program = RESTING + (
        "const errors = []; onerror = (message) => { errors.push(message); return true; };"
        "model.send = () => { sent.push(1); throw new Error('Cannot send'); };"
        "const end = tellRest(model, el, { after: 10 }); await soon(); end(); onerror = null;"
        "return [sent, errors];"
    )
    assert blank(program) == [[1], []]


def test_nobody_at_a_slider_loses_it_to_a_still(blank):
    """Only when the hand has gone; and what stands on a stage is told by the stage."""
    program = RESTING + (
        "input.focus(); const end = tellRest(model, el, { after: 10 }); await soon();"
        "const meanwhile = sent.length; input.blur(); await soon(); end();"
        "const after = sent.length; document.body.className = 'eventlab-stage';"
        "tellRest(model, el, { after: 10 }); await soon(); document.body.className = '';"
        "return [meanwhile, after, sent.length];"
    )
    assert blank(program) == [0, 1, 1]


# A chart of 100 pixels, its plot from 20 to 80, its axis from 0 to 600; a mark is under the hand.
PLOT = """
    document.body.innerHTML =
        "<div id=box style='position:absolute;left:0'><canvas width=100></div>";
    const heard = {}, told = [];
    const view = { origin: () => [20, 5], width: () => 60,
        scale: () => ({ invert: (pixels) => 10 * pixels }),
        addEventListener: (type, act) => { heard[type] = act; } };
    const settings = { key: "id", movable: true };
    const end = letRowsMove(view, box, settings, (row, to) => told.push([row, to]));
    const hand = (type, clientX, datum) => {
        const event = new PointerEvent(type, { clientX });
        datum ? heard[type](event, { datum, bounds: { y1: 50, y2: 60 } }) : dispatchEvent(event);
    };
    const reader = { id: "4-0", name: "reader 4", movable: true };
"""


def test_a_mark_is_taken_and_put_elsewhere(blank):
    """A flag in its lane says who goes, and where; beyond the axis it goes to the axis's end."""
    program = PLOT + (
        "hand('pointerdown', 70, reader); hand('pointermove', 40);"
        "const mark = box.querySelector('.eventlab-drag'), flag = [mark.textContent,"
        " parseFloat(mark.style.top) + parseFloat(mark.style.height)];"
        "hand('pointerup', 35); hand('pointerup', 50);"
        "hand('pointerdown', 70, reader); hand('pointerup', 999);"
        "return { told, flag, flags: box.querySelectorAll('.eventlab-drag').length };"
    )
    assert blank(program) == {
        "told": [["4-0", 150], ["4-0", 600]],
        "flag": ["reader 4: 200", 65],
        "flags": 0,
    }


@pytest.mark.parametrize(
    "given_up",
    [
        "hand('pointerdown', 70, { id: 'order' })",
        "hand('pointerdown', 70, reader); end()",
        "hand('pointerdown', 70, reader); hand('pointercancel', 70)",
    ],
)
def test_what_is_not_taken_is_not_put(blank, given_up):
    """A mark that stays, a chart that is drawn anew meanwhile, a hand that is called away."""
    assert blank(f"{PLOT} {given_up}; hand('pointerup', 40); return told;") == []


def test_a_closed_comm_is_asked_once(blank):
    """The kernel was restarted before it had answered."""
    found = blank(
        "let asked = 0, gaveUp = 0;"
        "const model = { send() { asked += 1; throw new Error('Cannot send'); } };"
        "askUntil(model, 'vega?', { every: 1, giveUp: () => { gaveUp += 1; } });"
        "await new Promise((go) => setTimeout(go, 20)); return [asked, gaveUp];"
    )
    assert found == [1, 1]


def test_a_view_that_has_gone_does_not_come_to_life_again(blank):
    """Its kernel was restarted and its output cleared, in this order."""
    found = blank(
        "const heard = {}, told = [];"
        "const model = { on: (what, act) => { heard[what] = act; }, off() {} };"
        "const stop = watchLife(model, document.createElement('div'), (dead) => told.push(dead));"
        "heard.comm_live_update(); await new Promise((go) => setTimeout(go));"
        "heard.comm_live_update(); stop(); await new Promise((go) => setTimeout(go));"
        "return told;"
    )
    assert found == [False]


@pytest.fixture(scope="module")
def sheet(chromium):
    """A function that evaluates JavaScript of a page whose sheet hears `say`."""
    context = chromium.new_context()
    page = context.new_page()
    source = script("sheet.js").replace("export default { render }", "window.render = render")
    page.evaluate(f"() => {{ {source} }}")
    page.evaluate(
        """() => {
            const traits = { slides: true, most: 2, stream_title: "Stream", key_title: "customer",
                colour: "#009E73", held: {} }, heard = {};
            const model = { get: (name) => traits[name] ?? "", set() {}, send() {}, off() {},
                on: (what, act) => { (heard[what] ??= []).push(act); } };
            document.body.innerHTML = "<div id=home></div>";
            const base = { type: "sheet", all: false, columns: ["placed"], total: 1, changes: 9 };
            window.say = (message) => {
                for (const act of heard["msg:custom"]) act({ ...base, ...message });
            };
            window.render({ model, el: document.getElementById("home") });
        }"""
    )
    yield lambda body: page.evaluate(f"async () => {{ {body} }}")
    context.close()


def test_no_message_overtakes_one_that_waits_for_its_flight(sheet):
    """However late the page gets to it: the last that came is the last that is drawn."""
    row = "{ place: 0, key: 'Ann', cells: [String(n)], lit: [n === 1] }"
    program = (
        f"const told = (n) => say({{ at: 9, places: [{row}],"
        " lists: { stream: ['Ann: order'], changelog: ['0 Ann'] } });"
        "told(1); const until = Date.now() + 600; while (Date.now() < until); told(2);"
        "await new Promise((go) => setTimeout(go, 50));"
        "return [...document.querySelectorAll('td')].slice(0, 2).map((one) => one.textContent);"
    )
    assert sheet(program) == ["Ann", "2"]


@pytest.mark.parametrize(("name", "is_below"), [("", False), ("eventlab-wide", True)])
def test_a_picture_that_needs_the_width_has_it(blank, name, is_below):
    """Of two runs on a stage beside the notebook, the second one stands below the first."""
    run = f"<figure style='margin:0;height:50px'><div class='{name}'></div></figure>"
    page = f"<style>{style('stage.css')}</style>"
    page += f"<div class='eventlab-stage-runs' style='width:450px'>{run}{run}</div>"
    program = (
        f"document.body.innerHTML = {json.dumps(page)};"
        "const [one, other] = document.querySelectorAll('figure');"
        "return other.offsetTop > one.offsetTop;"
    )
    assert blank(program) == is_below
