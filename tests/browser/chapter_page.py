"""A chapter in a notebook on a page: its cells, what it claims, and its stage."""


def index_of(lab_page, words):
    """Return the number of the cell that has these words in its source."""
    return lab_page.page.evaluate(
        """(words) => window.jupyterapp.shell.currentWidget.content.widgets
            .findIndex(cell => cell.model.sharedModel.getSource().includes(words))""",
        words,
    )


def claims(lab_page):
    """Return the verdicts that the page shows, by claim."""
    data = [o.get("data", {}) for cell in lab_page.outputs() for o in cell]
    found = [d[k] for d in data for k in d if k == "application/vnd.eventlab.claim+json"]
    return {claim["claim"]: claim["holds"] for claim in found}


def set_speed(lab_page, speed):
    """Write another SPEED into the notebook."""
    lab_page.page.evaluate(
        """([index, speed]) => {
            const cell = window.jupyterapp.shell.currentWidget.content.widgets[index];
            const source = cell.model.sharedModel.getSource();
            cell.model.sharedModel.setSource(source.replace(/SPEED = [0-9]+/, `SPEED = ${speed}`));
        }""",
        [index_of(lab_page, "SPEED = "), speed],
    )


def press_on_stage(lab_page, words):
    """Press a button of the stage."""
    lab_page.page.locator(f".eventlab-stage-button:text-is('{words}'):visible").click()


def board(lab_page):
    """Return the scoreboard: the figures of each run by their name."""
    rows = lab_page.page.evaluate(
        """() => [...document.querySelectorAll(".eventlab-stage-board")]
            .filter((board) => board.checkVisibility()).slice(-1)
            .flatMap((board) => [...board.rows])
            .map((row) => [...row.cells].map((cell) => cell.textContent))"""
    )
    columns = zip(*rows, strict=True)
    return {"sent": ["0"]} | {name: figures for name, *figures in columns}


def counted(lab_page, name, run=0):
    """Return a figure of the scoreboard, 0 while it is not there."""
    figures = board(lab_page).get(name, ["0"])
    words = figures[run] if run < len(figures) else "0"
    return int(words) if words.isdigit() else 0


def code_cells(lab_page):
    """Return the numbers of the cells of code."""
    return lab_page.page.evaluate(
        """() => window.jupyterapp.shell.currentWidget.content.widgets
            .map((cell, number) => cell.model.type === "code" ? number : -1)
            .filter(number => number >= 0)"""
    )
