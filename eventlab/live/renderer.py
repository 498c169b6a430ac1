"""Every static Altair chart as a picture: offline, on GitHub and in executed notebooks.

Altair's own renderers load Vega from the network, or write a Vega-Lite that JupyterLab 4.6 cannot
draw.
"""

from typing import Any

from IPython import get_ipython

from eventlab.live.specification import described
from eventlab.live.theme import in_our_style

_CHART = ("altair.vegalite.v6.api", "TopLevelMixin")
_ALTAIRS_OWN = "default"


def use_renderer() -> None:
    """Let this kernel show Altair's charts as pictures in our style; it costs nothing until then.

    Whoever enables another renderer or theme of Altair's gets that. The alternative text is the
    chart's description, or else its title. Outside of IPython nothing is shown, and nothing done.
    """
    shell = get_ipython()
    if shell is not None:
        # By name, because importing Altair takes half a second that not every chapter needs.
        shell.display_formatter.mimebundle_formatter.for_type_by_name(*_CHART, _rendered)


def _rendered(chart: Any) -> Any:
    import altair

    from eventlab.live.picture import still

    if altair.renderers.active != _ALTAIRS_OWN:
        return chart._repr_mimebundle_()
    with in_our_style():
        spec = chart.to_dict()
    return still(spec, described(spec), "Chart")
