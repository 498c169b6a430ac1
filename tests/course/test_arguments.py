import re
from collections import Counter

import pytest

from eventlab.course.arguments import ARGUMENTS
from eventlab.course.chapters import chapters, read_notebook

CLAIMED = re.compile(r'lab\.claim\(\s*"([\w.-]+)"')


def claims_of(number: str) -> list[str]:
    """Return the claims that the table names for a chapter."""
    return [claim for argument in ARGUMENTS[number] for claim in argument.claims]


def claims_made(path) -> list[str]:
    """Return the claims that stand in a chapter's cells."""
    cells = [cell for cell in read_notebook(path)["cells"] if cell["cell_type"] == "code"]
    return CLAIMED.findall("\n".join(cell["source"] for cell in cells))


def test_the_table_has_every_chapter_of_the_curriculum():
    """From the welcome to the capstone, in order, and none is without an argument."""
    assert list(ARGUMENTS) == [f"{number:02}" for number in range(25)]
    assert all(ARGUMENTS.values())


@pytest.mark.parametrize("chapter", chapters(), ids=lambda chapter: chapter.number)
def test_every_argument_of_a_chapter_that_is_there_has_a_claim(chapter):
    """What the curriculum promises is not left out without anybody seeing it."""
    arguments = ARGUMENTS[chapter.number]
    assert [argument.sentence for argument in arguments if not argument.claims] == []


@pytest.mark.parametrize("chapter", chapters(), ids=lambda chapter: chapter.number)
def test_the_claims_of_the_table_are_those_of_the_chapter(chapter):
    """None is named that is not made, and none is made that bears out no argument."""
    assert sorted(claims_of(chapter.number)) == sorted(claims_made(chapter.path))


@pytest.mark.parametrize("number", ARGUMENTS)
def test_a_claim_bears_out_one_argument_of_its_own_chapter(number):
    """So each claim is one line of the ledger."""
    named = Counter(claims_of(number))
    assert [claim for claim, times in named.items() if times > 1] == []
    assert all(claim.startswith(f"{number}.") for claim in named)


def test_an_argument_is_one_clause_that_is_said_once():
    """It stands in a cell of a table, where it needs no full stop."""
    sentences = [argument.sentence for chapter in ARGUMENTS.values() for argument in chapter]
    assert len(set(sentences)) == len(sentences)
    assert [sentence for sentence in sentences if sentence.strip(" .") != sentence] == []
