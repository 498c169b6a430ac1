"""The kernel in which chapters run: that of this very Python, whatever others are installed."""

import os
from pathlib import Path

KERNEL = "python3"
# A kernel of the same name may be installed for the user or named by JUPYTER_PATH, with a
# Python that knows nothing of eventlab. The one here begins with `python`, which Jupyter takes for
# the Python that asks.
DATA = Path(__file__).parents[1] / "jupyter_data"


def kernel_environment() -> dict[str, str]:
    """Return what an environment needs so that this name is the kernel of this Python."""
    given = os.environ.get("JUPYTER_PATH", "").split(os.pathsep)
    others = [path for path in given if path not in ("", str(DATA))]
    return {"JUPYTER_PATH": os.pathsep.join([str(DATA), *others])}
