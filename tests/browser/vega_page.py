"""A blank page that can draw with Vega, without JupyterLab."""

import gzip

from playwright.sync_api import BrowserContext, Page

from eventlab.live import warm_up_vega
from eventlab.live.vega import vega_bundle


def vega_page(context: BrowserContext) -> Page:
    """Return a new page of a browser, in which `vegaEmbed` is there as on a learner's."""
    warm_up_vega()
    page = context.new_page()
    page.evaluate(
        """async (source) => {
            const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
            window.vegaEmbed = (await import(url)).default;
        }""",
        gzip.decompress(vega_bundle()).decode(),
    )
    return page
