import doctest
import re

from tests.structure.files import ROOT

PAGE = ROOT / "docs" / "semantics.md"
_BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


def examples() -> str:
    """Return the page's examples, one behind the other."""
    return "\n".join(_BLOCK.findall(PAGE.read_text(encoding="utf-8")))


def test_every_example_gives_what_the_page_says():
    """All share the set-up at the top, as a reader would type them."""
    test = doctest.DocTestParser().get_doctest(examples(), {}, "semantics.md", str(PAGE), 0)
    said: list[str] = []
    outcome = doctest.DocTestRunner(verbose=False).run(test, out=said.append)
    assert (outcome.failed, "".join(said)) == (0, "")
    assert outcome.attempted > 25


def test_each_difference_has_its_reason():
    """A row of the table has what is here, what is there, and why."""
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line[:2] == "| "]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    assert len(cells) > 15
    assert [row for row in cells if len(row) != 3 or not all(row)] == []
