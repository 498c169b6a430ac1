"""Vega's JavaScript, bundled on this machine once, so that live charts need no network."""

import gzip
import os
import zlib
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from eventlab.checked import checked
from eventlab.folders import cache_folder, writing_to

VEGA_LITE = "6.4"  # what this Altair writes

Progress = Callable[[str, int, int], object]


def vega_is_ready() -> bool:
    """Tell whether the bundle is there."""
    return _read(_path()) is not None


@checked
def warm_up_vega(progress: Progress = lambda what, done, total: None) -> None:
    """Make the bundle, unless it is there. It takes three seconds. Raises StorageError."""
    if not vega_is_ready():
        progress("Vega for live charts", 0, 1)
        _make()
        progress("Vega for live charts", 1, 1)


def vega_bundle() -> bytes:
    """Return the gzipped bundle, whose default export is vegaEmbed; make it if need be."""
    return _read(_path()) or _make()


def _path() -> Path:
    versions = f"{VEGA_LITE}-{version('vl-convert-python')}"
    return cache_folder() / "vega" / f"vega-embed-{versions}.js.gz"


def _read(path: Path) -> bytes | None:
    try:
        bundle = path.read_bytes()
        whole = gzip.decompress(bundle)  # checks its length and its CRC
    except (OSError, EOFError, ValueError, zlib.error):
        return None  # missing or damaged: it is made again
    return bundle if whole else None


def _make() -> bytes:
    import vl_convert

    source = vl_convert.javascript_bundle("export default vegaEmbed", vl_version=VEGA_LITE)
    bundle = gzip.compress(source.encode(), 9, mtime=0)
    with writing_to(_path().parent):
        arriving = _path().with_suffix(f".{os.getpid()}")
        arriving.write_bytes(bundle)
        arriving.replace(_path())
    return bundle
