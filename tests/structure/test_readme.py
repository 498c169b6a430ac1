import re

from tests.structure.files import ROOT, tracked_files

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_chapters_that_are_called_ready_are_those_that_are_there():
    """Nothing is promised that is missing, and nothing that is there is hidden."""
    ready = set(re.findall(r"\[ready\]\((notebooks/\d\d_\w+\.ipynb)\)", README))
    chapters = {str(path) for path in tracked_files() if re.match(r"notebooks/\d\d_", str(path))}
    assert ready == chapters != set()


def test_what_the_page_links_to_is_there():
    """Every link and every picture leads somewhere in this repository."""
    targets = re.findall(r"\]\((?!http)([^)]+)\)", README)
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_every_chapter_has_its_line():
    """The list has each number once, in order."""
    assert re.findall(r"(?m)^\| (\d\d) \|", README) == [f"{number:02}" for number in range(25)]
