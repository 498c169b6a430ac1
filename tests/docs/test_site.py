import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import resolve_name
from types import ModuleType

import pytest

from eventlab import processes
from tests.structure.files import ROOT

REFERENCE = ROOT / "docs" / "reference"
PAGES = sorted(path.stem for path in REFERENCE.glob("*.md") if path.stem != "index")
_ROOM = re.compile(r"^::: (eventlab\S+)$", re.MULTILINE)
_FROM_ELSEWHERE = re.compile(
    r"<(?:script|img|iframe|source)\b[^>]*\bsrc=[\"']?(?:https?:)?//[^>]*>"
    r"|<link\b[^>]*\bhref=[\"']?(?:https?:)?//[^>]*>"
    r"|@import[^;]*//[^;]*;"
    r"|url\([\"']?(?:https?:)?//[^)]*\)",
)

pytestmark = [pytest.mark.pages, pytest.mark.xdist_group("site")]  # they are built once


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> subprocess.CompletedProcess:
    """Build the pages as make docs does, into a folder of its own."""
    site = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(site)]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", env=environment)


@pytest.fixture(scope="module")
def site(built) -> Path:
    """Return where the pages are."""
    return Path(built.args[-1])


def rooms_on(page: str) -> list[str]:
    """Return the modules whose members a page of the reference has."""
    named = _ROOM.findall((REFERENCE / f"{page}.md").read_text(encoding="utf-8"))
    return [name for name in named if isinstance(resolve_name(name), ModuleType)]


def names_in(room: str) -> list[str]:
    """Return what a room's page is to have: what the room names, or what a module defines."""
    module = import_module(room)
    if hasattr(module, "__all__"):
        return module.__all__
    mine = (name for name, value in vars(module).items() if is_of(value, room))
    return [name for name in mine if not name.startswith("_")]


def is_of(value: object, room: str) -> bool:
    """Tell whether a function or a class was defined in a module."""
    return callable(value) and getattr(value, "__module__", "") == room


def sources_elsewhere(text: str) -> list[str]:
    """Return what a page or a style sheet has a browser fetch from another machine."""
    return _FROM_ELSEWHERE.findall(text)


@pytest.mark.long
def test_the_pages_are_built_without_a_warning(built):
    """A link that leads nowhere, a page outside the menu, a name that is not there: none of it."""
    assert (built.returncode, re.findall("(?m)^WARNING.*", built.stderr)) == (0, [])


@pytest.mark.parametrize("page", PAGES)
def test_each_public_name_has_its_entry(site, page):
    """What a room exports can be looked up on its page."""
    entries = (site / "reference" / f"{page}.html").read_text(encoding="utf-8")
    public = [(room, name) for room in rooms_on(page) for name in names_in(room)]
    missing = [
        name
        for room, name in public
        # A function named as its module is shown from there: griffe takes it for the module.
        if f'id="{room}.{name}"' not in entries and f'id="{room}.{name}.{name}"' not in entries
    ]
    assert missing == []
    assert public


def test_each_room_that_exports_something_has_its_page():
    """Also one that is added later."""
    modules = [path.parent for path in (ROOT / "eventlab").rglob("__init__.py")]
    rooms = [".".join(module.relative_to(ROOT).parts) for module in modules]
    exporting = {room for room in rooms if getattr(import_module(room), "__all__", [])}
    shown = {room for page in PAGES for room in rooms_on(page)}
    assert exporting - shown == {"eventlab"}  # Lab and the errors are on their rooms' pages


def test_each_module_of_the_child_processes_has_its_place():
    """They have no front door; entry is run, and not imported."""
    modules = {path.stem for path in Path(processes.__file__).parent.glob("[a-z]*.py")}
    shown = {room.rpartition(".")[2] for room in rooms_on("processes")}
    assert shown - {"processes"} == modules - {"entry"}


def test_no_page_asks_another_machine(site):
    """No font, no script, no style and no picture comes from the network."""
    files = [path for path in site.rglob("*") if path.suffix in {".html", ".css"}]
    found = {
        str(path.relative_to(site)): sources_elsewhere(path.read_text(encoding="utf-8"))
        for path in files
    }
    assert {path: sources for path, sources in found.items() if sources} == {}
    assert len(files) > len(PAGES)
    # Material fetches the library for these when a page has one.
    assert [path for path in files if 'class="mermaid"' in path.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://cdn.example.com/a.js"></script>',
        "<link rel=stylesheet href=//fonts.example.com/css>",
        "@import '//fonts.example.com/css';",
        "body { background: url(http://example.com/a.png) }",
    ],
)
def test_a_source_elsewhere_is_found(text):
    """The search itself finds what is there."""
    assert len(sources_elsewhere(f"<p>{text}</p>")) == 1


def test_a_link_that_a_reader_may_follow_is_none():
    """Only what a browser fetches by itself counts."""
    assert sources_elsewhere('<a href="https://example.com">there</a>') == []
