"""The page of chapters in a real JupyterLab, and what a learner does that counts there."""

import shutil

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

from eventlab.course.chapters import NOTEBOOKS
from eventlab.jupyter import PAGE
from eventlab.teach.progress import remember, remembered
from tests.browser.lab_page import LabPage
from tests.browser.server import JupyterServer
from tests.structure.chapter_rules import KERNEL
from tests.waiting import until


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home of its own, whose progress a test may write."""
    monkeypatch.setenv("EVENTLAB_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def opened(chromium, home, tmp_path):
    """JupyterLab over a folder like the clone, opened on the page."""
    shutil.copytree(NOTEBOOKS, tmp_path / "clone" / "notebooks")
    server = JupyterServer(tmp_path / "clone", tmp_path / "jupyter", home)
    with chromium.new_context(viewport={"width": 1280, "height": 800}) as context:
        lab_page = LabPage(context, server)
        lab_page.page.goto(server.first_link(PAGE))
        yield lab_page
    server.end_kernels()
    server.end()


def row_of(lab_page, title):
    """Return what the table says of a chapter."""
    return lab_page.page.locator(f".jp-MarkdownViewer tr:has-text('{title}')")


@pytest.mark.long
def test_the_notebook_has_the_room_until_a_learner_opens_the_list_of_files(opened):
    """The stage stands beside it; the next time the page is as they left it."""
    files = opened.page.locator("#filebrowser")
    opened.page.locator(".jp-MarkdownViewer h1").wait_for()
    assert not files.is_visible()
    opened.page.locator("[data-id='filebrowser']").click()
    assert files.locator("text=notebooks").is_visible()
    with opened.page.expect_response(lambda answer: "/api/workspaces/" in answer.url):
        opened.screenshot("files_opened")
    opened.page.reload()
    opened.page.locator(".jp-MarkdownViewer h1").wait_for()
    until(files.is_visible, what="the list of files")


@pytest.mark.long
def test_the_page_opens_chapters_and_is_right_when_one_comes_back(opened):
    """It shows rendered, leads to a chapter, and knows what was done when it is seen again."""
    welcome = row_of(opened, "00 Welcome")
    welcome.wait_for(timeout=60_000)
    assert "0 of 2" in welcome.inner_text()
    opened.screenshot("chapters_page")

    welcome.locator("a").click()
    opened.page.wait_for_selector(".jp-NotebookPanel", timeout=60_000)
    remember("claim", "00.real")
    remember("claim", "00.resume")
    opened.page.locator(f".lm-TabBar-tab:has-text('{PAGE}')").first.click()
    until(lambda: "2 of 2" in welcome.inner_text(), what="the page to show the claims")
    assert "◐" in welcome.inner_text()
    opened.screenshot("chapters_page_later")
    assert opened.errors == []
    assert opened.elsewhere == []


CELLS = [
    'from eventlab import Lab\nlab = Lab(chapter="76")',
    'lab.predict("76.way", "Which way?", ["left", "right"])',
    'lab.claim("76.one", "One is one", needs="count == 1", count=1)',
    'from eventlab.teach import reveal\nreveal("76.way", "left")',
]


@pytest.mark.broker
def test_what_a_learner_does_is_kept_and_outlives_the_kernel(lab_page, server, monkeypatch):
    """A click is a guess, a cell that ran is a claim; a new kernel's reveal quotes the guess."""
    cells = [new_code_cell(cell) for cell in CELLS]
    nbformat.write(
        new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), server.root / "76_kept.ipynb"
    )
    monkeypatch.setenv("EVENTLAB_HOME", str(server.home))
    lab_page.open("76_kept.ipynb")
    lab_page.run_all()
    assert "No guess" in lab_page.output(3).inner_text()
    lab_page.page.get_by_label("right").click()
    until(lambda: "76.way" in remembered("prediction"), what="the guess to be kept")
    assert "76.one" in remembered("claim")

    lab_page.restart_kernel()
    lab_page.run_cells(3, 3)
    assert "You guessed “right”" in lab_page.output(3).inner_text()
    lab_page.run_cells(0, 1)
    shown = lab_page.output(1)
    until(lambda: "Your guess: “right”" in shown.inner_text(), what="the guess beside its question")


def test_of_a_view_that_is_gone_the_picture_is_there(lab_page, server):
    """After a restart of the kernel a notebook is saved so, and JupyterLab would show an error."""
    view = {"version_major": 2, "version_minor": 0, "model_id": "gone"}
    data = {"application/vnd.jupyter.widget-view+json": view, "image/png": "iVBORw0KGgo="}
    metadata = {"image/png": {"width": 20, "height": 20}}
    output = new_output("display_data", data, metadata=metadata)
    cells = [new_code_cell("chart", outputs=[output])]
    written = new_notebook(cells=cells, metadata={"kernelspec": KERNEL})
    nbformat.write(written, server.root / "gone.ipynb")
    lab_page.open("gone.ipynb")
    lab_page.page.locator(".jp-RenderedImage img").wait_for()
    lab_page.page.wait_for_selector("text=Error displaying widget", state="detached")
    # JupyterLab may have looked for the view before, which it says on its console.
    lab_page.errors[:] = [one for one in lab_page.errors if "model not found" not in one]
