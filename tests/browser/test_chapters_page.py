"""The page of chapters in a real JupyterLab: what `eventlab lab` opens."""

import shutil

import pytest

from eventlab.course.chapters import NOTEBOOKS
from eventlab.jupyter import PAGE
from eventlab.teach.progress import remember
from tests.browser.lab_page import LabPage
from tests.browser.server import JupyterServer
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
        lab_page.page.goto(server.link(PAGE))
        yield lab_page
    server.end_kernels()
    server.end()


def row_of(lab_page, title):
    """Return what the table says of a chapter."""
    return lab_page.page.locator(f".jp-MarkdownViewer tr:has-text('{title}')")


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
