"""How the window bench's page asks Python, without JupyterLab: in a blank page of the browser."""

import pytest

from eventlab.pictures.bench.widget import PAGE

NAMES = "Sending, clock, lengthWords, ordinal"

ASKING = (
    "const sent = []; const sending = new Sending((message) => sent.push(message));"
    "const frame = () => new Promise((go) => requestAnimationFrame(() => setTimeout(go)));"
    "const move = (id, time) => sending.want({ move: { id, time, place: 0 } }, time);"
)


@pytest.fixture(scope="module")
def blank(chromium):
    """A function that evaluates JavaScript in which the scripts' names are known."""
    source = PAGE.replace("export default", "void")
    context = chromium.new_context()
    page = context.new_page()
    page.evaluate(f"() => {{ {source}; Object.assign(window, {{ {NAMES} }}); }}")
    yield lambda body: page.evaluate(f"async () => {{ {body} }}")
    context.close()


def test_what_is_done_within_a_frame_is_one_question(blank):
    """The newest place of the dot, and each setting; the wait counts from the first."""
    found = blank(
        f"{ASKING} move('a', 1); move('a', 2); sending.want({{ set: {{ grace: 5 }} }});"
        "await frame(); return [sent, sending.answered(sent[0].ask)];"
    )
    (question,), since = found
    assert (question["move"]["time"], question["set"], since) == (2, {"grace": 5}, 1)


def test_two_questions_at_most_are_on_their_way(blank):
    """The rest is gathered until one is answered, and nothing of it is lost."""
    found = blank(
        f"{ASKING} for (let n = 1; n < 9; n++) {{ move('a', n); await frame(); }}"
        "const before = sent.map((one) => one.move.time); sending.answered(sent[0].ask);"
        "await frame(); await frame(); return [before, sent.map((one) => one.move.time)];"
    )
    assert found == [[1, 2], [1, 2, 8]]


def test_what_was_gathered_leaves_with_the_answer(blank):
    """It does not wait for another frame."""
    found = blank(
        f"{ASKING} for (let n = 1; n < 5; n++) {{ move('a', n); await frame(); }}"
        "sending.answered(sent[0].ask); return sent.map((one) => one.move.time);"
    )
    assert found == [1, 2, 4]


def test_another_dot_does_not_push_the_first_aside(blank):
    """Its move is asked for first; only what a reset would undo is left out."""
    found = blank(
        f"{ASKING} move('a', 1); move('b', 2); sending.want({{ reset: true }}); move('a', 3);"
        "await frame(); await frame(); sent.forEach((one) => sending.answered(one.ask));"
        "await frame(); await frame(); return sent.map((one) => one.reset ? 'reset' : one.move.id);"
    )
    assert found == ["a", "reset", "a"]


def test_an_answer_to_another_page_is_no_answer(blank):
    """Two views of one bench hear everything."""
    assert blank(f"{ASKING} move('a', 1); await frame(); return sending.answered('x-0');") is None


def test_the_page_says_times_as_python_does(blank):
    """Clocks and lengths are the same words on both sides."""
    noon = 1_741_003_200_000
    assert blank(f"return [clock({noon}), clock({noon + 5250}, true)];") == [
        "12:00",
        "3 Mar 12:00:05.250",
    ]
    assert blank("return [0, 250, 90000, 93784005].map(lengthWords);") == [
        "0 s",
        "250 ms",
        "1 min 30 s",
        "1 d 2 h",
    ]
    assert blank("return [1, 2, 3, 11, 112, 22].map(ordinal);") == [
        "1st",
        "2nd",
        "3rd",
        "11th",
        "112th",
        "22nd",
    ]
