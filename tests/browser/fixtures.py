"""One JupyterLab and one Chromium for all tests in a browser; a page of its own for each."""

import os
import shutil

import pytest
from playwright.sync_api import sync_playwright

from eventlab.course.chapters import NOTEBOOKS
from eventlab.doctor import browser_path
from eventlab.folders import cache_folder
from tests.browser.lab_page import LabPage
from tests.browser.server import JupyterServer

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # nothing leaves the machine
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in the same hook
def pytest_collection_modifyitems(items):
    """Keep browser tests on one worker: they share the server, and two cores."""
    for item in items:
        if "tests/browser" in item.nodeid or "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def chromium():
    """A real browser; without one these tests are skipped, or fail where they are required."""
    path = browser_path()
    if path is None:
        remedy = "no Chromium: install it, or set EVENTLAB_CHROMIUM to one"
        if os.environ.get("EVENTLAB_REQUIRE_BROWSER"):
            pytest.fail(remedy)
        pytest.skip(remedy)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A JupyterLab over a copy of the notebooks, whose broker no other test uses.

    Elsewhere in the suite the same chapters run at the same time, and tests here may stop it.
    """
    home = tmp_path_factory.mktemp("home")
    (home / "cache").symlink_to(cache_folder(), target_is_directory=True)
    root = tmp_path_factory.mktemp("notebooks")
    shutil.copytree(NOTEBOOKS, root, dirs_exist_ok=True)
    server = JupyterServer(root, tmp_path_factory.mktemp("jupyter"), home)
    yield server
    server.end()


@pytest.fixture(scope="session")
def jupyterlab(chromium, server):
    """The page on which JupyterLab is loaded once for all tests."""
    with chromium.new_context(viewport={"width": 1280, "height": 1060}) as context:
        yield LabPage(context, server)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Remember which test has failed: nobody knows how it left the page."""
    report = yield
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    return report


@pytest.fixture
def lab_page(request, jupyterlab, server):
    """A page with JupyterLab; at its end nothing may have gone wrong on it or left the machine."""
    # JupyterLab saves by itself what takes long: the next test's kernel knows none of its widgets.
    shutil.copytree(NOTEBOOKS, server.root, dirs_exist_ok=True)
    yield jupyterlab
    errors, elsewhere = jupyterlab.errors, jupyterlab.elsewhere
    if request.node.stash[_FAILED] or errors or elsewhere:
        jupyterlab.begin_anew()
    else:
        jupyterlab.close_all()
    server.end_kernels()  # a chapter that goes on moving would slow every later test
    assert elsewhere == []
    assert errors == []
