"""What axe-core finds wrong, for those who use a keyboard or a screen reader, in our own elements.

https://github.com/dequelabs/axe-core; the file comes with the package axe-playwright-python.
"""

from importlib.resources import files

from tests.browser.lab_page import LabPage

_SCRIPT = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")
_GRAVE = ["serious", "critical"]

# What stands in an output of ours and is not ours to mend, with the reason.
NOT_OURS = {
    ".jp-RenderedImage > img": "JupyterLab 4.6 takes no words from the metadata of a picture, where"
    " its notebook keeps them",
    ".widget-slider .noUi-handle": "ipywidgets 8 ties no label to its own sliders' handles; ours"
    " are StepSliders, and a chapter may show how plain ipywidgets are used",
}


def faults(page: LabPage, *selectors: str) -> list[str]:
    """Return what is serious or critical within these elements: rule, place, what to mend."""
    if not page.page.evaluate("() => 'axe' in window"):
        page.page.evaluate(f"() => {{ {_SCRIPT} }}")
    found = page.page.evaluate(
        """async ([selectors, skipped, grave]) => {
            const include = selectors.filter((one) => document.querySelector(one));
            if (!include.length) return null;
            const { violations } = await axe.run(
                { include: include.map((one) => [one]), exclude: skipped.map((one) => [one]) },
                { resultTypes: ["violations"] });
            return violations.filter(({ impact }) => grave.includes(impact)).flatMap((fault) =>
                fault.nodes.map(({ html, failureSummary: why }) => [fault.id, fault.impact,
                    html.slice(0, 200), why.replace(/\\s+/g, " ").slice(0, 300)].join(" | ")));
        }""",
        [list(selectors), list(NOT_OURS), _GRAVE],
    )
    assert found is not None, f"nothing on the page is {' or '.join(selectors)}"
    return found
