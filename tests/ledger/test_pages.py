import csv
import io
import json
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from eventlab.course.arguments import Argument
from eventlab.errors import StorageError
from eventlab.ledger import entries, pages
from eventlab.ledger.entries import Ledger
from tests.docs.test_site import sources_elsewhere
from tests.ledger.made import PIXEL, claim, evidence, normal_and_broken

GOOD = normal_and_broken()
BAD = replace(
    GOOD,
    normal=evidence(claim(crossings=1)),
    broken=evidence(claim(broken=True), error="cell 1: <b>"),
)


class Page(HTMLParser):
    """A page's elements, each with its attributes and the text right after its tag."""

    VOID = ("meta", "img", "br", "col")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict, str]] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), ""))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if data.strip():
            tag, attributes, text = self.elements[-1]
            self.elements[-1] = (tag, attributes, f"{text} {' '.join(data.split())}".strip())

    def attributes(self, tag: str) -> list[dict]:
        return [attributes for name, attributes, _ in self.elements if name == tag]

    def texts(self, tag: str) -> list[str]:
        return [text for name, _, text in self.elements if name == tag]


def page(*sections) -> Page:
    return Page(pages.html_text(Ledger(list(sections))))


def rows(*sections) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(pages.csv_text(Ledger(list(sections))))))


def cells(line: str) -> list[str]:
    """Return the cells of a row of Markdown."""
    bare = line.replace("\\|", "¦").strip("| ")
    return [cell.strip() for cell in bare.split("|")]


def test_the_page_is_one_whole_document():
    """Every element is closed where it should be, and it has a language and a title."""
    made = page(GOOD, BAD)
    assert made.open == []
    assert made.attributes("html") == [{"lang": "en"}]
    assert made.texts("title") == ["The ledger of the arguments"]


def test_the_page_needs_no_other_file():
    """It can be sent to somebody as it is; the pictures of both runs are in it, with words."""
    text = pages.html_text(Ledger([GOOD]))
    assert sources_elsewhere(text) == []
    images = Page(text).attributes("img")
    assert {image["src"] for image in images} == {f"data:image/png;base64,{PIXEL}"}
    assert [image["alt"] for image in images] == [
        "As it is: Lanes & readers",
        "Broken on purpose: Lanes that cross",
    ]


def test_the_page_suits_light_and_dark():
    """It follows the reader's own setting."""
    text = pages.html_text(Ledger([GOOD]))
    assert "prefers-color-scheme: dark" in text
    assert {"name": "color-scheme", "content": "light dark"} in Page(text).attributes("meta")


def test_the_page_says_each_verdict_in_words():
    """With the figures under it, as people write them."""
    made = page(GOOD)
    assert [text for text in made.texts("span") if text] == ["✔ holds", "✔ does not hold"]
    figures = ["crossings 0", "orders read 2,000", "crossings 3", "orders read 2,000"]
    assert [text for text in made.texts("li") if text] == figures
    assert "seed 7, kafka 4.4.0, 2026-01-31" in made.texts("p")


def test_the_page_shows_what_is_wrong():
    """Above all chapters, and on each verdict; nothing in it is taken for HTML."""
    made = page(BAD)
    assert [text for text in made.texts("span") if text] == ["✘ does not hold", "✘ still holds"]
    assert [text for text in made.texts("li") if text.startswith("77")] == [
        "77: the broken run stopped: cell 1: <b>",
        "77: the claim 77.order does not hold",
        "77: broken on purpose, 77.order does not turn out false",
    ]
    assert made.texts("h2") == ["77 Made <up>"]


def test_an_argument_without_a_claim_keeps_its_place(monkeypatch):
    """In each of the three."""
    monkeypatch.setattr(entries, "ARGUMENTS", {"77": (Argument("Readers are free"),)})
    bare = replace(GOOD, normal=evidence(), broken=None)
    assert "✘ no claim" in page(bare).texts("td")
    (row,) = rows(bare)
    assert (row["argument"], row["claim"], row["verdict"]) == ("Readers are free", "", "not made")
    line = pages.markdown_text(Ledger([bare])).splitlines()[-1]
    assert cells(line)[:2] == ["Readers are free", "no claim"]


def test_a_row_of_the_csv_has_all_of_a_claim():
    """Figures and versions as JSON, so that a program reads them again."""
    (row,) = rows(GOOD)
    assert list(row) == list(pages.COLUMNS)
    assert (row["chapter"], row["claim"], row["needs"]) == ("77", "77.order", "crossings < 1")
    assert (row["verdict"], row["verdict_broken"]) == ("holds", "does not hold")
    assert json.loads(row["figures"]) == {"crossings": 0, "orders_read": 2000}
    assert json.loads(row["figures_broken"])["crossings"] == 3
    assert json.loads(row["versions"]) == {"kafka": "4.4.0"}
    assert (row["seed"], row["seed_broken"], row["date"]) == ("7", "7", "2026-01-31")


def test_the_markdown_is_one_table():
    """Every row has as many cells as the head, whatever stands in it."""
    lines = pages.markdown_text(Ledger([GOOD, GOOD])).splitlines()
    table = [line for line in lines if line.startswith("|")]
    assert {len(cells(line)) for line in table} == {8}
    assert cells(table[2])[:4] == [
        "Order ¦ is kept",
        "77.order: Order of 77.order &lt;holds&gt;",
        "`crossings < 1`",
        "holds",
    ]
    assert len(table) == 4


def test_the_markdown_lists_what_is_wrong_above_the_table():
    """Only where something is."""
    assert "- 77: the claim 77.order does not hold\n" in pages.markdown_text(Ledger([BAD]))
    assert "\n- 77" not in pages.markdown_text(Ledger([GOOD]))


def test_three_files_are_written_and_written_again(tmp_path):
    """Nothing else is left in the folder."""
    for _ in range(2):
        written = pages.write(Ledger([GOOD]), tmp_path)
    assert [path.name for path in written] == ["ledger.html", "ledger.csv", "ledger.md"]
    assert sorted(tmp_path.iterdir()) == sorted(written)


def test_a_file_that_cannot_be_replaced_is_one_error(tmp_path):
    """And what was begun is gone."""
    (tmp_path / "ledger.csv").mkdir()
    with pytest.raises(StorageError, match=r"cannot be written to .*ledger\.csv"):
        pages.write(Ledger([GOOD]), tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
