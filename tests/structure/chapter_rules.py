"""The rules of a chapter's notebook; each finds what breaks it, in words."""

import ast
import re
from collections.abc import Callable, Iterator
from itertools import pairwise

import nbformat
from nbformat import NotebookNode

from eventlab.course.minutes import core_cells, lines_in, minutes
from eventlab.errors import UsageError
from eventlab.teach.inequality import require_figures

PARTS = [
    "Question",
    "Set-up",
    "Predict",
    "Run",
    "Measure",
    "Break it",
    "Your turn",
    "Where this argument stops",
]
OPTIONAL = "Going further"
MOST_LINES = 8
MOST_CORE_LINES = 80
MOST_CORE_MINUTES = 20
MAY_BE_LONGER = {"parameters", "exercise", "long"}
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}

Rule = Callable[[NotebookNode], Iterator[str]]


def faults(notebook: NotebookNode) -> list[str]:
    """Return all that is wrong with a chapter's notebook."""
    return [fault for rule in RULES for fault in rule(notebook)]


def headings(notebook: NotebookNode) -> list[tuple[int, str]]:
    """Return level and text of each heading, in order."""
    text = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    text = re.sub(r"(?ms)^```.*?^```", "", text)
    return [(len(marks), title.strip()) for marks, title in re.findall(r"(?m)^(#+) (.+)$", text)]


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the cells of code."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def tags(cell: NotebookNode) -> set[str]:
    """Return the tags of a cell."""
    return set(cell.metadata.get("tags", []))


def is_a_valid_notebook(notebook: NotebookNode) -> Iterator[str]:
    """Notebooks are what nbformat says, with an id of its own for each cell."""
    ids = [cell.get("id") for cell in notebook.cells]
    if len(set(ids)) < len(ids):
        yield "two cells share an id"
        return  # nbformat would only mend it
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        yield f"not a valid notebook: {error.message}"


def has_the_common_kernel(notebook: NotebookNode) -> Iterator[str]:
    """Every notebook opens with the one kernel that every installation has."""
    if notebook.metadata.get("kernelspec") != KERNEL:
        yield f"kernelspec is {notebook.metadata.get('kernelspec')}"


def is_stripped(notebook: NotebookNode) -> Iterator[str]:
    """What a run left behind is kept only where a test compares it."""
    for number, cell in enumerate(code_cells(notebook)):
        if "keep_output" in tags(cell):
            continue
        if cell.outputs or cell.execution_count is not None:
            yield f"code cell {number} keeps what a run left"
    if "widgets" in notebook.metadata:
        yield "the state of widgets is kept"


def has_one_title_and_no_leap(notebook: NotebookNode) -> Iterator[str]:
    """One title, at the top, and headings that go down by one level at a time."""
    levels = [level for level, _ in headings(notebook)]
    if levels[:1] != [1] or levels.count(1) != 1:
        yield f"titles: {levels.count(1)}, and the first heading is of level {levels[:1]}"
    for above, below in pairwise(levels):
        if below > above + 1:
            yield f"a heading of level {below} follows one of level {above}"


def has_the_parts_in_order(notebook: NotebookNode) -> Iterator[str]:
    """Every chapter has the same parts in the same order."""
    found = [title for level, title in headings(notebook) if level == 2]
    if found not in (PARTS, [*PARTS, OPTIONAL]):
        yield f"its parts are {found}"


def has_parameters(notebook: NotebookNode) -> Iterator[str]:
    """One cell can be set from outside, and has what the tour and the tests set."""
    cells = [cell.source for cell in code_cells(notebook) if "parameters" in tags(cell)]
    if len(cells) != 1:
        yield f"{len(cells)} cells of parameters"
    for name in ("SEED", "SPEED", "BREAK"):
        if not all(re.search(rf"(?m)^{name} = ", source) for source in cells):
            yield f"no parameter {name}"


def sets_up_its_own_module(notebook: NotebookNode) -> Iterator[str]:
    """Whoever runs the set-up, and then a cell further down, has the chapter's names."""
    found = re.search(r'Lab\(chapter="(\d\d)"\)', _code(notebook))
    if found is None:
        yield "no cell makes its lab"
        return
    module = f"ch{found[1]}"
    imports = re.compile(rf"(?m)^from eventlab\.course(?:\.{module} import| import {module}\b)")
    for number, cell in enumerate(code_cells(notebook)):
        if imports.search(cell.source) and found[0] not in cell.source:
            yield f"code cell {number} imports {module}, which is for the set-up"


def _code(notebook: NotebookNode) -> str:
    return "\n".join(cell.source for cell in code_cells(notebook))


def has_short_cells(notebook: NotebookNode) -> Iterator[str]:
    """A cell of code is one idea that fits at a glance."""
    core = list(core_cells(notebook))
    for number, cell in enumerate(code_cells(notebook)):
        lines = len([line for line in cell.source.splitlines() if line.strip()])
        is_in_core = any(cell is one for one in core)
        may_be_longer = MAY_BE_LONGER - {"long"} if is_in_core else MAY_BE_LONGER
        if lines > MOST_LINES and not tags(cell) & may_be_longer:
            yield f"code cell {number} has {lines} lines"


def has_a_core_of_twenty_minutes(notebook: NotebookNode) -> Iterator[str]:
    """What everybody does fits into a short lesson; whoever has more time goes further."""
    lines = lines_in(core_cells(notebook))
    if lines > MOST_CORE_LINES:
        yield f"its core has {lines} lines of code"
    if minutes(notebook) > MOST_CORE_MINUTES:
        yield f"its core takes {minutes(notebook)} minutes"
    if f"{minutes(notebook)} minutes" not in notebook.cells[0].source:
        yield f"it does not say at its top that it takes {minutes(notebook)} minutes"


def makes_no_output_widget(notebook: NotebookNode) -> Iterator[str]:
    """No Output widget: nbclient answers it past its own event loop, and may then wait for ever.

    Session.send shadows the asyncio socket (jupyter_client 8.6); the wake-up of a reply that comes
    in the meantime gets lost. ipywidgets' `interact` makes such a widget too.
    """
    for number, cell in enumerate(code_cells(notebook)):
        if re.search(r"\b(interact|interactive|interactive_output|Output)\(", cell.source):
            yield f"code cell {number} makes an Output widget"


def describes_its_pictures(notebook: NotebookNode) -> Iterator[str]:
    """Whoever cannot see a picture or a chart reads what it shows."""
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and re.search(
            r"!\[\s*\]\(|<img(?![^>]*\balt=)", cell.source
        ):
            yield f"a picture without words: {cell.source[:40]}"
        if cell.cell_type == "code" and re.search(
            r"\b(?:EventChart|LiveChart)\((?!.*\balt=)", cell.source, re.DOTALL
        ):
            yield f"a chart without alt=: {cell.source[:40]}"


def has_an_exercise(notebook: NotebookNode) -> Iterator[str]:
    """The learner has something to do: a blank to fill, hints to open, a check to ask."""
    blanks = [cell.source for cell in code_cells(notebook) if "exercise" in tags(cell)]
    if not blanks or not all("..." in blank for blank in blanks):
        yield "no exercise with a blank"
    if not any(re.search(r"\bcheck\(", cell.source) for cell in code_cells(notebook)):
        yield "no exercise is checked"
    if not any("<details>" in cell.source for cell in notebook.cells):
        yield "no hint in <details>"


def states_what_its_claims_need(notebook: NotebookNode) -> Iterator[str]:
    """Each claim has an inequality over its own figures.

    Read from the source, so that a slip is found in a second and not only when the chapter runs.
    """
    for call in claim_calls(notebook):
        given = {word.arg: word.value for word in call.keywords if word.arg}
        needs = getattr(given.pop("needs", None), "value", None)
        figures = {*given, *(_names(needs) if _takes_a_dict(call) else ())}
        try:
            require_figures(needs, figures)
        except UsageError as error:
            yield f"a claim: {ast.unparse(call.args[0])}: {error}"


def _takes_a_dict(call: ast.Call) -> bool:
    return any(word.arg is None for word in call.keywords)


def _names(needs: object) -> set[str]:
    tree = ast.parse(needs if isinstance(needs, str) else "")
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def claim_calls(notebook: NotebookNode) -> Iterator[ast.Call]:
    """Return the calls of `lab.claim` as Python parses them."""
    for cell in code_cells(notebook):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "lab.claim":
                yield node


RULES: list[Rule] = [
    is_a_valid_notebook,
    has_the_common_kernel,
    is_stripped,
    has_one_title_and_no_leap,
    has_the_parts_in_order,
    has_parameters,
    sets_up_its_own_module,
    has_short_cells,
    has_a_core_of_twenty_minutes,
    makes_no_output_widget,
    describes_its_pictures,
    has_an_exercise,
    states_what_its_claims_need,
]
