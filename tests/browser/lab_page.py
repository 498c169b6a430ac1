"""A page with JupyterLab and one notebook: what a learner does, and what they see."""

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Locator

from tests.browser.server import JupyterServer
from tests.structure.files import ROOT

PICTURES = ROOT / "artifacts"

# JupyterLab's debugger asks a kernel for its state when it connects, and the page for a subshell;
# where a test ends the kernel before it has answered, JupyterLab says so, and nothing is wrong. A
# kernel that ends lets each of its threads write to the page by itself, and what two write at once
# is no message (ipykernel's IOPubThread.schedule).
_CUT_OFF = (
    "Kernel message validation error",
    "Could not restore the debugger state: Canceled future for debug_request",
    "Error: Canceled future for create_subshell_request message before replies were done",
)

_NOTEBOOK = "window.jupyterapp?.shell?.currentWidget"
_STACK_LINES = 4  # of an exception: where it was raised, and by whom that was called


class LabPage:
    """Drive a notebook by JupyterLab's own commands, and look at it through the document.

    JupyterLab is loaded once, which takes longer than most tests; each notebook opens in it alone.
    `errors` are what the page reported, an exception with the first lines of its stack; `elsewhere`
    are the requests that would leave the machine (the browser resolves no name but loopback's, so
    none does).
    """

    def __init__(self, context: BrowserContext, server: JupyterServer):
        self._context = context
        self._server = server
        self.begin_anew()

    def begin_anew(self) -> None:
        """Leave the page as it is and take a new one."""
        self.errors: list[str] = []
        self.elsewhere: list[str] = []
        self._is_loaded = False
        for page in self._context.pages:
            page.close()
        self.page = self._context.new_page()
        self.page.on("pageerror", self._note_exception)
        self.page.on("console", self._note)
        self.page.on("request", self._note_request)

    # -- what a learner does --------------------------------------------------------------------

    def open(self, path: str) -> None:
        """Open a notebook, alone, and wait until its kernel is idle."""
        if self._is_loaded:
            self.close_all()
            self.command("docmanager:open", path=path)
        else:
            self.page.goto(self._server.link(path))
            self._is_loaded = True
        self.page.wait_for_function(f"() => {_NOTEBOOK}?.context?.isReady", timeout=60_000)
        self.until_idle()

    def close_all(self) -> None:
        """Close every notebook without saving it, as one does who has no more use for it."""
        self.page.evaluate(
            """() => {
                for (const widget of [...window.jupyterapp.shell.widgets('main')]) {
                    widget.dispose();
                }
            }"""
        )

    def reload(self) -> None:
        """Reload the page, as a learner does who is lost."""
        self.page.reload()
        self.page.wait_for_function(f"() => {_NOTEBOOK}?.context?.isReady", timeout=60_000)
        self.page.wait_for_function(
            f"() => {_NOTEBOOK}.sessionContext?.session?.kernel?.connectionStatus === 'connected'",
            timeout=60_000,
        )

    def run_all(self, *, wait_seconds: float = 120) -> None:
        """Run every cell and wait for the last one."""
        self.command("notebook:run-all-cells", wait=False)
        self.until_ran(self.cell_count() - 1, wait_seconds)

    def run_cells(self, first: int, last: int, *, wait_seconds: float = 60) -> None:
        """Run the cells from `first` to `last` (markdown counts), one after the other."""
        run = "window.jupyterapp.commands.execute('notebook:run-cell')"
        for index in range(first, last + 1):
            self.select(index)
            # The kernel may be idle still when a cell was asked to run; its promise knows better.
            self.page.evaluate(
                f"() => {{ window.ran = false; {run}.finally(() => {{ window.ran = true; }}); }}"
            )
            self.page.wait_for_function("() => window.ran", timeout=wait_seconds * 1000)

    def start_cell(self, index: int) -> None:
        """Run one cell, and do not wait."""
        self.select(index)
        self.command("notebook:run-cell", wait=False)

    def select(self, index: int) -> None:
        """Make a cell the active one and bring it into view."""
        self.page.evaluate(
            f"""async (index) => {{
                const notebook = ({_NOTEBOOK}).content;
                notebook.deselectAll();
                notebook.activeCellIndex = index;
                await notebook.scrollToItem(index);
            }}""",
            index,
        )

    def replace(self, index: int, words: str, others: str) -> None:
        """Write other words into a cell, as a learner does who edits it."""
        self.page.evaluate(
            f"""([index, words, others]) => {{
                const model = ({_NOTEBOOK}).content.widgets[index].model.sharedModel;
                model.setSource(model.getSource().replace(words, others));
            }}""",
            [index, words, others],
        )

    def command(self, name: str, *, wait: bool = True, **options: Any) -> None:
        """Run one of JupyterLab's commands."""
        call = f"window.jupyterapp.commands.execute('{name}', {json.dumps(options)})"
        self.page.evaluate(f"async () => {{ await {call}; }}" if wait else f"() => {{ {call}; }}")

    def use_theme(self, name: str) -> None:
        """Change JupyterLab's theme: "JupyterLab Light" or "JupyterLab Dark".

        Each change shows JupyterLab's splash, the same one, and takes it away by a timer when it
        has faded. One that begins while it fades is left without, and its timer raises an error.
        """
        self._until_no_splash()
        self.command("apputils:change-theme", theme=name)
        self.page.wait_for_selector(f"body[data-jp-theme-name='{name}']", state="attached")
        self._until_no_splash()

    def save(self) -> None:
        """Save the notebook."""
        self.command("docmanager:save")

    def restart_kernel(self) -> None:
        """Restart the kernel without being asked, and wait until it is back."""
        self.page.evaluate(f"async () => {{ await {_NOTEBOOK}.sessionContext.restartKernel(); }}")
        self.until_idle()

    def shut_down_kernel(self) -> None:
        """End the kernel for good, as it is when the notebook is opened the day after."""
        self.page.evaluate(f"async () => {{ await {_NOTEBOOK}.sessionContext.shutdown(); }}")

    def press(self, label: str) -> None:
        """Press a button that has this label or this tooltip."""
        button = self.page.locator(
            f"button.jupyter-button:has-text('{label}'), button.jupyter-button[title='{label}']"
        )
        button.first.click()

    def move_slider(self, description: str, presses: int) -> None:
        """Move a slider by the arrow keys, to the right or, with a negative number, to the left."""
        slider = self.page.locator(
            f".widget-inline-hbox:has(label:text-is('{description}')) .noUi-handle, "
            f".eventlab-steps:has(span:text-is('{description}')) input"
        ).first
        slider.focus()
        for _ in range(abs(presses)):
            slider.press("ArrowRight" if presses > 0 else "ArrowLeft")

    # -- what a learner sees --------------------------------------------------------------------

    def cell_count(self) -> int:
        """Return how many cells there are."""
        return self.page.evaluate(f"() => {_NOTEBOOK}.content.widgets.length")

    def is_running(self, index: int) -> bool:
        """Tell whether a cell has begun and not ended."""
        return self.page.evaluate(
            f"(index) => {_NOTEBOOK}.content.widgets[index].model.executionState === 'running'",
            index,
        )

    def until_idle(self, seconds: float = 60) -> None:
        """Wait until the kernel has nothing more to do."""
        self.page.wait_for_function(
            f"() => {_NOTEBOOK}?.sessionContext?.session?.kernel?.status === 'idle' && "
            f"!{_NOTEBOOK}.content.widgets.some(c => c.model.executionState === 'running')",
            timeout=seconds * 1000,
        )

    def until_ran(self, index: int, seconds: float) -> None:
        """Wait until the last cell of code up to `index` has run."""
        self.page.wait_for_function(
            f"""(last) => {{
                const cells = {_NOTEBOOK}.content.widgets.slice(0, last + 1)
                    .filter(c => c.model.type === 'code');
                return cells.every(c => c.model.executionCount !== null
                    && c.model.executionState !== 'running');
            }}""",
            arg=index,
            timeout=seconds * 1000,
        )

    def output(self, index: int) -> Locator:
        """Return where a cell's outputs are on the page."""
        return self.page.locator(
            f".jp-Notebook .jp-Cell[data-windowed-list-index='{index}'] .jp-Cell-outputWrapper"
        )

    def outputs(self) -> list[list[dict[str, Any]]]:
        """Return the outputs of every cell, as they would be saved."""
        return self.page.evaluate(
            f"() => {_NOTEBOOK}.content.widgets.map(c => c.model.toJSON().outputs ?? [])"
        )

    def error_outputs(self) -> list[dict[str, Any]]:
        """Return the outputs that are errors, or that some program wrote to stderr."""
        return [
            output
            for cell in self.outputs()
            for output in cell
            if output["output_type"] == "error" or output.get("name") == "stderr"
        ]

    def live(self, kind: str = "chart") -> dict[str, float]:
        """Return what a live picture tells of itself: frames, rows, sequence, embeds; or {}."""
        found = self.page.evaluate(
            f"() => [...document.querySelectorAll('[data-eventlab={kind}]')]"
            ".map(e => ({...e.dataset}))"
        )
        numbers = [{k: float(v) for k, v in one.items() if k != "eventlab"} for one in found]
        return numbers[0] if numbers else {}

    def count(self, selector: str) -> int:
        """Return how many elements there are."""
        return self.page.locator(selector).count()

    def text(self) -> str:
        """Return all the words of the notebook that are on the page."""
        return self.page.locator(".jp-Notebook").inner_text()

    def screenshot(self, name: str, selector: str | None = None) -> Path:
        """Keep a picture of the page, or of one element, among the artifacts."""
        PICTURES.mkdir(exist_ok=True)
        path = PICTURES / f"{name}.png"
        if selector:
            self.page.locator(selector).first.screenshot(path=path)
        else:
            self.page.screenshot(path=path)
        return path

    # -- how ------------------------------------------------------------------------------------

    def _until_no_splash(self) -> None:
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")

    def _note_exception(self, error) -> None:
        calls = [line for line in (error.stack or "").splitlines() if line.startswith("    at ")]
        self._keep("\n".join([str(error), *calls[:_STACK_LINES]]))

    def _note(self, message) -> None:
        if message.type == "error":
            self._keep(message.text)

    def _keep(self, error: str) -> None:
        if not error.startswith(_CUT_OFF):
            self.errors.append(error)

    def _note_request(self, request) -> None:
        if not request.url.startswith((self._server.url, "data:", "blob:")):
            self.elsewhere.append(request.url)
