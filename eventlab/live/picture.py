"""A chart as a still picture, which shows wherever a notebook is shown."""

import base64
import io
from typing import Any

from eventlab.live.trouble import Bundle
from eventlab.live.vega import VEGA_LITE

SCALE = 2  # sharp on screens with two dots a pixel
_COLOURS = 128  # a chart has few, and the file becomes an eighth


def still(spec: dict[str, Any], alt: str, plain: str) -> Bundle:
    """Return the mimebundle and metadata of a Vega-Lite specification as a PNG.

    `alt` says what the picture shows, to those who cannot see it; `plain` is the text/plain.
    """
    import vl_convert  # 84 MB, so only where a picture is wanted
    from PIL import Image

    png = vl_convert.vegalite_to_png(spec, vl_version=VEGA_LITE, scale=SCALE)
    image = Image.open(io.BytesIO(png))
    small = io.BytesIO()
    image.quantize(_COLOURS).save(small, "PNG", optimize=True)
    data = {"image/png": base64.b64encode(small.getvalue()).decode(), "text/plain": plain}
    size = {"width": image.width // SCALE, "height": image.height // SCALE, "alt": alt}
    return data, {"image/png": size}
