import ipywidgets
import nbformat
import pytest
from nbclient import NotebookClient

from eventlab.live.output import Output
from tests.live.test_chart import colours, near

VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def picture():
    """A picture that can change: `picture.version` grows."""

    class Picture:
        version = 0
        takes = staticmethod(lambda: None)

        def shown(self, **options):
            return Output(ipywidgets.HTML(), "Picture", self.still, lambda: self.version, **options)

        def still(self):
            self.takes()
            return {"text/html": f"still {self.version}"}, {"text/html": {"alt": "x"}}

    return Picture()


def stills(notebook):
    """Return the stills that took the view's place."""
    return [data["text/html"] for data in notebook.renewals]


def test_the_view_is_shown_with_a_constant_text(notebook, picture):
    """The text of two runs can be compared."""
    page = notebook(page=True)
    picture.shown()
    assert set(page.shown) == {"text/plain", VIEW}
    assert page.shown["text/plain"] == "Picture"


def test_a_plain_script_prints_nothing(picture, capsys):
    """IPython would print the dict of the view's data."""
    shown = picture.shown()
    shown.end()
    assert capsys.readouterr().out == ""


def test_without_a_page_the_still_follows_every_cell_that_changed_it(notebook, picture):
    """So papermill's notebook has the picture as it was after the last cell, and no view."""
    page = notebook(page=False)
    picture.shown()
    page.end_cell()
    page.end_cell()
    picture.version = 1
    page.end_cell()
    assert stills(page) == ["still 0", "still 1"]
    assert all(VIEW not in data for data in page.renewals)
    assert page.metadata[0] == {"text/html": {"alt": "x"}}


def test_a_page_that_is_slow_keeps_its_view(notebook, picture):
    """No still takes the place of what is about to move."""
    page = notebook(page=True)
    picture.shown()
    page.end_cell()
    assert stills(page) == []


def test_a_watched_view_moves_on_until_its_end(notebook, picture):
    """Cells leave it alone, and the end puts the still in its place."""
    page = notebook(page=False)
    output = picture.shown()
    output.watched = True
    page.end_cell()
    assert page.is_left_alone
    picture.version = 2
    output.end()
    assert stills(page) == ["still 2"]


def test_a_view_that_never_speaks_is_watched_where_there_is_a_page(notebook, picture):
    """A control of ipywidgets sends nothing of its own when it is drawn."""
    notebook(page=True)
    assert picture.shown(speaks=False).watched
    notebook(page=False)
    assert not picture.shown(speaks=False).watched


def test_stills_take_a_share_of_the_time_only(notebook, picture, monkeypatch):
    """A chart that changes in every cell does not hold up a long run that nobody watches."""
    page = notebook(page=False)
    now = [0.0]
    monkeypatch.setattr("eventlab.live.output.time.monotonic", lambda: now[0])
    picture.takes = lambda: now.__setitem__(0, now[0] + 1)
    picture.shown()
    for version in range(200):
        picture.version = version
        now[0] += 1
        page.end_cell()
    assert stills(page)[:2] == ["still 0", "still 1"]
    assert 20 <= len(page.renewals) <= 30


def test_where_there_is_no_page_the_still_may_stand_beside_the_view_at_once(notebook, picture):
    """What changes only by hand is shown even if no cell comes after it; a page draws by itself."""
    alone = notebook(page=False)
    picture.shown(at_once=True)
    assert alone.shown["text/html"] == "still 0"
    assert "application/vnd.jupyter.widget-view+json" in alone.shown
    page = notebook(page=True)
    picture.shown(at_once=True)
    assert "text/html" not in page.shown


def test_the_end_is_final(notebook, picture):
    """Nothing hangs on the kernel's cells afterwards, and a second end does nothing."""
    page = notebook(page=False)
    output = picture.shown()
    output.end()
    output.end()
    assert stills(page) == ["still 0"]
    assert page.is_left_alone


def test_a_kernel_that_shuts_down_draws_only_for_a_page(notebook, picture):
    """Without one nobody is left who takes it, and each would cost a third of a second."""
    alone = notebook(page=False)
    output = picture.shown()
    alone.exit_now = True
    output.end()
    assert stills(alone) == []
    assert alone.is_left_alone
    page = notebook(page=True)
    output = picture.shown()
    output.watched = page.exit_now = True
    output.end()
    assert stills(page) == ["still 0"]


def test_outside_of_a_notebook_nothing_is_shown(monkeypatch, picture):
    """A program may use a live picture, and end it."""
    monkeypatch.setattr("eventlab.live.output.get_ipython", lambda: None)
    monkeypatch.setattr("eventlab.live.output.display", lambda *a, **k: None)
    picture.shown().end()


EXECUTED = [
    """
import altair as alt
from eventlab.live import Card, Cards, LiveChart, output
output._UNWATCHED_SECONDS = 0
chart = LiveChart(alt.Chart(alt.NamedData("live")).mark_bar().encode(x="a:O", y="b:Q"), alt="Bars")
chart.show()
""",
    "chart.push(a=[1, 2], b=[3, 4])",
    """
stopped = LiveChart(alt.Chart(alt.NamedData("live")).mark_bar().encode(x="a:O"), alt="Stopped")
stopped.push(a=[1])
stopped.show()
stopped.stop()
""",
    "cards = Cards()\ncards.push([Card('OrderPlaced', ['key c1'])])\ncards.show()",
]


@pytest.mark.notebook
def test_a_notebook_executed_without_a_page_has_pictures_and_no_views():
    """As papermill leaves it and GitHub shows it: each output is its still, with its words."""
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in EXECUTED]
    notebook = nbformat.v4.new_notebook(cells=cells)
    NotebookClient(notebook, kernel_name="python3", timeout=60).execute()
    moving, _, stopped, cards = (cell.outputs for cell in notebook.cells)
    assert [set(o.data) for o in [*moving, *stopped]] == [{"image/png", "text/plain"}] * 2
    assert [o.metadata["image/png"]["alt"] for o in [*moving, *stopped]] == ["Bars", "Stopped"]
    assert near(colours(moving[0].data), (0, 0x72, 0xB2))  # what came in a later cell is there
    (fallen,) = cards
    assert set(fallen.data) == {"text/html", "text/plain"}
    assert "OrderPlaced" in fallen.data["text/html"]
