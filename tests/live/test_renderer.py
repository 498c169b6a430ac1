import altair
import pytest
from IPython.core.interactiveshell import InteractiveShell

from eventlab.live import renderer

CHART = (
    altair.Chart(altair.InlineData([{"a": 1, "b": 2}]), title="One bar")
    .mark_bar()
    .encode(x="a:O", y="b:Q")
)


@pytest.fixture
def shown(monkeypatch):
    """What a notebook would show of a thing, once our renderer is in use."""
    shell = InteractiveShell()
    monkeypatch.setattr(renderer, "get_ipython", lambda: shell)
    renderer.use_renderer()
    yield shell.display_formatter.format
    altair.renderers.enable("default")


@pytest.mark.parametrize("chart", [CHART, CHART + CHART, CHART | CHART], ids=["one", "on", "by"])
def test_every_altair_chart_becomes_a_picture(shown, chart):
    """Of the chart and nothing else: no Vega-Lite that JupyterLab cannot draw, no network."""
    data, metadata = shown(chart)
    assert set(data) == {"image/png", "text/plain"}
    assert data["text/plain"] == "Chart"
    assert metadata["image/png"]["width"] > 50


def test_the_title_is_what_a_reader_who_cannot_see_it_hears(shown):
    """A description comes before it."""
    assert shown(CHART)[1]["image/png"]["alt"] == "One bar"
    described = CHART.properties(description="A single bar")
    assert shown(described)[1]["image/png"]["alt"] == "A single bar"


def test_a_renderer_that_was_chosen_stays(shown):
    """Whoever enables another of Altair's renderers gets that."""
    altair.renderers.enable("json")
    data, _ = shown(CHART)
    assert "application/json" in data
    assert "image/png" not in data


def test_it_costs_nothing_until_a_chart_is_shown(tmp_path):
    """Neither Altair nor the converter is imported by asking for it."""
    import subprocess
    import sys

    program = (
        "import sys; from IPython.core.interactiveshell import InteractiveShell as S;"
        "S.instance(); from eventlab.live import use_renderer; use_renderer();"
        "print({'altair', 'vl_convert', 'pandas', 'PIL'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8")
    assert (done.stdout, done.stderr) == ("set()\n", "")
