import json
import re

import nbformat
import pandas
import pytest
from nbclient import NotebookClient

from eventlab.errors import UsageError
from eventlab.live.widget import script
from eventlab.pictures.bench import Scenario, WindowBench
from eventlab.pictures.bench.result import STATUSES
from eventlab.pictures.bench.widget import DATA_TYPE, PAGE
from eventlab.pictures.windows_chart import LATE, ON_TIME, TOO_LATE
from tests.pictures.bench.cases import NOON, ONE_LATE, SECOND
from tests.waiting import until


@pytest.fixture
def bench():
    """A bench with one late event, whose messages to the page are kept in `sent`."""
    made = WindowBench(ONE_LATE)
    made.sent = []
    made.send = made.sent.append
    made.start()
    yield made
    made.stop()


def ask(bench, **change):
    """Let the page ask for a change; return what it is answered."""
    bench._asked(bench, {"type": "change", "ask": "page-1", **change}, [])
    return next(one for one in reversed(bench.sent) if one.get("ask") == "page-1")


def late(bench):
    return bench.result.late["id"].tolist()


def test_rows_get_windows_that_suit_them():
    """Half an hour of events has windows of five minutes, if nothing else is said."""
    frame = pandas.DataFrame({"timestamp": [NOON, NOON + 1800 * SECOND], "key": ["a", "b"]})
    bench = WindowBench(frame, grace=5 * SECOND)
    assert (bench.scenario.length, bench.scenario.grace) == (300 * SECOND, 5 * SECOND)
    assert bench.result.windows["key"].tolist() == ["a", "b"]
    bench.stop()


def test_no_rows_and_no_such_setting_are_errors():
    """In one error each."""
    with pytest.raises(UsageError, match="1 to 200, found 0"):
        WindowBench([])
    with pytest.raises(UsageError, match="no setting 'patience'"):
        WindowBench(ONE_LATE, patience=SECOND)


def test_a_dragged_event_gives_a_new_result_and_a_new_picture(bench):
    """In time or in the order of arrival: brought before the third it is on time."""
    answer = ask(bench, move={"id": "4", "time": ONE_LATE.events[3].milliseconds, "place": 2})
    assert (answer["id"], late(bench)) == (["1", "2", "4", "3", "5"], [])
    answer = ask(bench, move={"id": "4", "time": ONE_LATE.events[0].milliseconds, "place": 4})
    assert (answer["status"][4], late(bench)) == (3, ["4"])


def test_the_page_s_controls_change_settings(bench):
    """A hop that would not fit its window is made to fit."""
    assert ask(bench, set={"grace": 20_000})["missed"] == []
    settings = ask(bench, set={"kind": "hopping", "hop": 90_000})["settings"]
    assert (settings["kind"], settings["hop"], settings["length"]) == ("hopping", 60_000, 60_000)
    assert ask(bench, set={"hop": 1})["settings"]["hop"] == 1_200
    assert ask(bench, reset=True)["settings"]["kind"] == "tumbling"
    assert bench.scenario == ONE_LATE


def test_what_cannot_be_is_said_on_the_page(bench):
    """And nothing changes."""
    answer = ask(bench, move={"id": "nobody", "time": 0, "place": 0})
    assert "No such event" in answer["words"]
    assert bench.scenario == ONE_LATE


def test_code_can_do_what_the_page_can(bench):
    """Each way gives the new result, and the page hears of it."""
    assert bench.move("4", place=0).missed == ()
    assert bench.reset().late["id"].tolist() == ["4"]
    assert bench.set(bound=30 * SECOND).missed == ()
    bench.scenario = Scenario(ONE_LATE.events[:2])
    assert len(bench.result.outcomes) == 2
    until(lambda: bench.sent and len(bench.sent[-1]["id"]) == 2, what="the page to hear of it")
    assert bench.reset().scenario == Scenario(ONE_LATE.events[:2])


def test_listeners_hear_each_result(bench):
    """From the page and from code; what one of them raises is said on the page."""
    heard = []
    bench.on_result(lambda result: heard.append(len(result.missed)))
    ask(bench, set={"grace": 20_000})
    bench.set(grace=0 * SECOND)
    assert heard == [0, 1]
    bench.on_result(lambda result: result.nonsense)
    bench.sent.clear()
    bench._asked(bench, {"type": "change", "ask": "page-1", "reset": True}, [])
    assert "AttributeError" in bench.sent[-1]["words"]


def test_what_was_saved_is_loaded(bench, tmp_path):
    """With everything that was changed."""
    bench.move("4", place=0)
    loaded = WindowBench.load(bench.save(tmp_path / "mine.json"))
    assert (loaded.scenario, loaded.result) == (bench.scenario, bench.result)
    loaded.stop()
    with pytest.raises(UsageError, match="cannot be read"):
        WindowBench.load(tmp_path / "none.json")


def test_without_a_page_it_is_a_picture_with_its_data(notebook):
    """At once, since nobody may ever stop it."""
    kernel = notebook(page=False)
    bench = WindowBench(ONE_LATE).show()
    assert kernel.shown["image/png"]
    assert [one["id"] for one in kernel.shown[DATA_TYPE]["late"]] == ["4"]
    bench.move("4", place=0)
    kernel.end_cell()
    assert len(kernel.renewals[-1][DATA_TYPE]["late"]) == 0
    assert "application/vnd.jupyter.widget-view+json" not in kernel.renewals[-1]
    bench.stop()


def test_with_a_page_there_is_no_still_before_the_end(notebook):
    """The page draws; the still takes its place when the bench is stopped."""
    kernel = notebook(page=True)
    bench = WindowBench(ONE_LATE).show()
    assert "image/png" not in kernel.shown
    bench.stop()
    assert kernel.renewals[-1]["image/png"]


@pytest.mark.notebook
def test_a_notebook_executed_without_a_page_keeps_picture_and_data():
    """As papermill leaves it, though the bench is in its last cell."""
    source = (
        "from eventlab.pictures.bench import WindowBench\n"
        "WindowBench([{'timestamp': n} for n in (1, 5)])"
    )
    cells = [nbformat.v4.new_code_cell(source)]
    written = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(written, kernel_name="python3", timeout=60).execute()
    (output,) = written.cells[0].outputs
    assert output.data["image/png"]
    assert len(output.data[DATA_TYPE]["windows"]) == 2
    assert "2 events" in output.metadata["image/png"]["alt"]


def test_the_summary_has_the_words_of_the_chart():
    """One name for one thing, in the order of the statuses."""
    words = [ON_TIME, LATE, "partly too late", TOO_LATE]
    assert len(words) == len(STATUSES)
    assert f"const words = {json.dumps(words)};" in PAGE


def test_on_a_dark_page_it_has_the_colours_of_every_other_chart():
    """Those of look.js, which a stylesheet cannot ask."""
    dark = re.search(r"const DARK = (.*);", script("look.js"))[1]
    named = dict(re.findall(r'(\w+): "(#\w+)"', dark))
    css = WindowBench._css.partition('[data-jp-theme-light="false"] .eventlab-bench {')[2]
    own = dict(re.findall(r"--eventlab-bench-(\w+): (#\w+);", css.partition("}")[0]))
    assert [own["ink"], own["faint"], own["ground"]] == [
        named["text"],
        named["line"],
        named["ground"],
    ]
