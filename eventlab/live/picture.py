"""A chart as a still picture, which shows wherever a notebook is shown."""

import base64
import io
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from eventlab.live.trouble import Bundle
from eventlab.live.vega import VEGA_LITE

SCALE = 2  # sharp on screens with two dots a pixel
_COLOURS = 128  # a chart has few, and the file becomes an eighth
_KEPT = 4  # two charts side by side, and what a cell draws between them


class _Drawn(NamedTuple):
    """A PNG, and its size on the page."""

    png: str
    width: int
    height: int


def still(spec: dict[str, Any], alt: str, plain: str) -> Bundle:
    """Return the mimebundle and metadata of a Vega-Lite specification as a PNG.

    `alt` says what the picture shows, to those who cannot see it; `plain` is the text/plain.
    """
    drawn = _drawn(msgspec.json.encode(spec).decode())  # what is no number is null in it
    data = {"image/png": drawn.png, "text/plain": plain}
    return data, {"image/png": {"width": drawn.width, "height": drawn.height, "alt": alt}}


@lru_cache(_KEPT)  # what stands on a stage is asked for after every cell, and seldom changes
def _drawn(spec: str) -> _Drawn:
    import vl_convert  # 84 MB, so only where a picture is wanted
    from PIL import Image

    png = vl_convert.vegalite_to_png(spec, vl_version=VEGA_LITE, scale=SCALE)
    image = Image.open(io.BytesIO(png))
    small = io.BytesIO()
    image.quantize(_COLOURS).save(small, "PNG", optimize=True)
    encoded = base64.b64encode(small.getvalue()).decode()
    return _Drawn(encoded, image.width // SCALE, image.height // SCALE)
