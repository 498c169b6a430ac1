import copy
from collections.abc import Callable

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from eventlab.course.chapters import chapters
from tests.structure.chapter_rules import KERNEL, PARTS, faults


def tagged(source: str, *tags: str):
    return new_code_cell(source, metadata={"tags": list(tags)})


def sample():
    """Return a chapter that keeps every rule."""
    cells = [new_markdown_cell("# Title\n\nIt takes 4 minutes.\n\n![Orders, moving](orders.png)")]
    cells += [new_markdown_cell(f"## {part}\n\n```\n# no heading\n```") for part in PARTS]
    cells += [
        new_code_cell('from eventlab.course import ch01\n\nlab = Lab(chapter="01")'),
        tagged("SEED = 7\nSPEED = 1\nBREAK = False", "parameters"),
        new_code_cell("lab.show(EventChart(topic,\n    chart,\n    alt='Orders',\n))"),
        tagged("\n".join("abcdefgh") + "\nkey = ...", "exercise"),
        new_code_cell("lab.check('01.1', key)"),
        new_code_cell("lab.claim('01.order', 'Order holds', needs='lost == 0', lost=0, read=9)"),
        new_markdown_cell("<details><summary>Hint</summary>Look twice.</details>"),
    ]
    return new_notebook(cells=cells, metadata={"kernelspec": dict(KERNEL)})


def code(notebook, number: int):
    return [cell for cell in notebook.cells if cell.cell_type == "code"][number]


def claims(notebook, given: str) -> None:
    """Let the chapter's claim be made with these arguments."""
    code(notebook, 5).update(source=f"lab.claim('01.order', 'Order holds', {given})")


def test_a_chapter_that_keeps_the_rules_has_no_fault():
    """The rules can be kept, all of them together."""
    assert faults(sample()) == []


IMPORT = "from eventlab.course import ch01"
SPOILED: dict[str, Callable] = {
    "two cells share an id": lambda n: n.cells[1].update(id=n.cells[2].id),
    "not a valid notebook": lambda n: n.cells[0].pop("metadata"),
    "kernelspec is": lambda n: n.metadata.kernelspec.update(name="mine"),
    "keeps what a run left": lambda n: code(n, 2).update(outputs=[new_output("stream", text="x")]),
    "code cell 4 keeps": lambda n: code(n, 4).update(execution_count=4),
    "the state of widgets": lambda n: n.metadata.update(widgets={}),
    "titles: 2": lambda n: n.cells.append(new_markdown_cell("# Another")),
    "titles: 0": lambda n: n.cells.pop(0),
    "level 4 follows one of level 2": lambda n: n.cells.append(new_markdown_cell("#### Deep")),
    "its parts are": lambda n: n.cells.insert(1, n.cells.pop(2)),
    "2 cells of parameters": lambda n: n.cells.append(tagged("SEED = 1", "parameters")),
    "0 cells of parameters": lambda n: code(n, 1).metadata.update(tags=[]),
    "no parameter BREAK": lambda n: code(n, 1).update(source="SEED = 7\nSPEED = 1"),
    "no cell makes its lab": lambda n: code(n, 0).update(source=""),
    "code cell 2 imports ch01": lambda n: code(n, 2).update(source=IMPORT),
    "code cell 2 has 9 lines": lambda n: code(n, 2).update(source="\n".join("abcdefghi")),
    "its core has 92 lines": lambda n: code(n, 1).update(source="SEED = 7\n" * 75),
    "its core takes 22 minutes": lambda n: n.metadata.update(eventlab={"running_seconds": 1080}),
    "does not say at its top that it takes 4": lambda n: n.cells[0].update(source="# Title"),
    "makes an Output widget": lambda n: code(n, 2).update(source="interact(plan, copies=3)"),
    "a picture without words": lambda n: n.cells[0].update(source="# Title\n![](orders.png)"),
    "a picture without words: <img": lambda n: n.cells[1].update(source="<img src='x.png'>"),
    "a chart without alt=": lambda n: code(n, 2).update(source="lab.show(LiveChart(chart))"),
    "no exercise with a blank": lambda n: code(n, 3).update(source="key = 'customer_id'"),
    "no exercise is checked": lambda n: code(n, 4).update(source="pass"),
    "01.order': This is no inequality": lambda n: claims(n, "needs='len(read) == 9', read=read"),
    "01.order': The inequality names": lambda n: claims(n, "needs='lots == 0', lost=0"),
    "01.order': An inequality without": lambda n: claims(n, "needs='1 < 2', lost=0"),
    "found NoneType": lambda n: claims(n, "lost=0"),
    "no hint in <details>": lambda n: n.cells.pop(),
}


@pytest.mark.parametrize("fault", SPOILED)
def test_a_rule_that_is_broken_is_noticed(fault):
    """Each rule finds what it is there for."""
    notebook = copy.deepcopy(sample())
    SPOILED[fault](notebook)
    assert any(fault in found for found in faults(notebook)), faults(notebook)


def test_every_chapter_keeps_the_rules():
    """The order of the parts, the stripped outputs, the short cells: in every chapter alike."""
    found = {chapter.path.name: faults(nbformat.read(chapter.path, 4)) for chapter in chapters()}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
