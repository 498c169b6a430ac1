import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from eventlab.course.minutes import lines_in, minutes, running_seconds, words_in


def chapter(*cells, **metadata):
    return new_notebook(cells=list(cells), metadata=metadata)


def text(words: int, heading: str = ""):
    return new_markdown_cell(heading + " word" * words)


def code(lines: int):
    return new_code_cell("\n\n".join(["work()"] * lines))


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([], 0),
        ([text(200)], 1),
        ([text(201)], 2),
        ([code(6)], 1),
        ([code(7)], 2),
        ([text(400), code(12)], 4),
    ],
)
def test_words_and_lines_take_their_time(cells, expected):
    """Two hundred words are a minute, six lines of code are one, and a part of one is a whole."""
    assert minutes(chapter(*cells)) == expected


def test_the_running_time_is_what_the_notebook_declares():
    """It is added to what is read."""
    assert minutes(chapter(text(200), eventlab={"running_seconds": 90})) == 3


@pytest.mark.parametrize("declared", [None, "soon", [], {"running_seconds": "90"}, -5])
def test_what_is_no_running_time_is_none(declared):
    """A slip in the metadata hides no chapter from the page."""
    odd = declared if isinstance(declared, dict) else {"running_seconds": declared}
    assert running_seconds({"metadata": {"eventlab": odd}}) == 0
    assert running_seconds({"metadata": {"eventlab": declared}}) == 0


def test_what_is_optional_is_not_counted():
    """The part Going further, and its sections; what follows it is the core's again."""
    core = [text(100), text(100, "## Where this argument stops\n\n")]
    optional = [text(900, "## Going further\n\n"), text(9, "### Batching\n"), code(90)]
    whole = chapter(core[0], *optional, core[1])
    assert minutes(whole) == 2 == minutes(chapter(*core))


def test_markup_is_not_read():
    """Nobody reads tags, or where a link leads."""
    cell = new_markdown_cell("## See <b>the</b> [two words](https://a.b/c?d=e)\n\n- `lab.read`")
    assert words_in([cell]) == 5


def test_blank_lines_take_no_time():
    """They are there to rest."""
    assert lines_in([new_code_cell("a = 1\n\n\n  \nb = 2"), new_markdown_cell("a\nb")]) == 2
