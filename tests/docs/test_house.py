import re
from configparser import ConfigParser

import pytest

from tests.structure.files import ROOT, modules, tracked_files

PAGE = (ROOT / "docs" / "house.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
_TEMPLATES = re.compile("NN|NAME")  # what the reader puts their own name in
_PATH = re.compile(r"[\w./]*(/|\.(py|md|yml|importlinter))")
_PLACES = [ROOT, ROOT / "eventlab"]


def rows() -> list[list[str]]:
    """Return the cells of the table, without its head."""
    lines = [line for line in PAGE.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


def quoted(text: str) -> list[str]:
    """Return what stands in backticks."""
    return re.findall("`([^`]+)`", text)


def drawn() -> list[str]:
    """Return the rooms in the drawing, from the top."""
    drawing = PAGE.split("```")[1].strip("\n").splitlines()
    return [name.rstrip("/") for line in drawing for name in line[:27].split()]


def test_the_drawing_is_what_the_imports_are_held_to():
    """The same rooms in the same order as in .importlinter."""
    contracts = ConfigParser()
    contracts.read(ROOT / ".importlinter", encoding="utf-8")
    layers = contracts["importlinter:contract:house"]["layers"]
    assert drawn() == layers.replace("|", " ").split()


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_what_a_row_names_is_there(row):
    """Each has four cells, and what is to be copied, or where it goes, has that name today."""
    assert len(row) == 4
    assert all(row)
    paths = [name for name in quoted(" ".join(row)) if _PATH.fullmatch(name)]
    fixed = [path for path in paths if not _TEMPLATES.search(path)]
    assert [path for path in fixed if not any((place / path).exists() for place in _PLACES)] == []


def test_what_is_to_be_copied_exists():
    """A function or a class of that name is in the package, or in the rules."""
    files = [*modules(), *(path for path in tracked_files() if path.name == "code_rules.py")]
    text = "\n".join((ROOT / path).read_text(encoding="utf-8") for path in files)
    code = [name for row in rows() for name in quoted(row[2]) if not _PATH.fullmatch(name)]
    names = [name.rpartition(".")[2] for name in code if " " not in name]
    assert [name for name in names if not re.search(rf"(def|class) {name}\b", text)] == []
    assert len(names) > 5


@pytest.mark.parametrize("thing", ["a picture", "an operator", "a chapter", "a child process"])
def test_the_four_that_come_most_have_their_row(thing):
    """A fresh reader finds them by these words."""
    assert [row for row in rows() if row[0].startswith(thing)]


def test_contributing_leads_here():
    """Who begins there finds the map, and no second one."""
    assert "](docs/house.md)" in CONTRIBUTING
    targets = re.findall(r"\]\((?!http)([^)]+)\)", CONTRIBUTING)
    assert [target for target in targets if not (ROOT / target).exists()] == []
