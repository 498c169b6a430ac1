"""JupyterLab on loopback, with a token, opened on a chapter, and silent towards the network."""

import os
import sys
from pathlib import Path

from eventlab.chapters import ROOT

_SETTINGS = Path(__file__).with_name("jupyter_config")
# News, update checks and the catalogue of extensions are asked for on the network: none of it here.
QUIET = [
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
    "--ServerApp.log_level=WARN",
    "--LabApp.log_level=WARN",
]


def arguments(notebook: Path, *, browser: bool, port: int | None) -> list[str]:
    """Return the arguments with which JupyterLab opens `notebook` for one person."""
    chosen = [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"] if port else []
    return [
        "--ServerApp.ip=127.0.0.1",
        # In a container one often is root; on loopback, behind a token, that is no more dangerous.
        "--ServerApp.allow_root=True",
        f"--ServerApp.root_dir={ROOT}",
        f"--ServerApp.open_browser={browser}",
        f"--LabApp.default_url=/lab/tree/{notebook.relative_to(ROOT).as_posix()}",
        *chosen,
        *QUIET,
    ]


def environment() -> dict[str, str]:
    """Return what JupyterLab's environment needs so that it does not ask about news either."""
    others = os.environ.get("JUPYTER_CONFIG_PATH")
    return {"JUPYTER_CONFIG_PATH": os.pathsep.join(filter(None, [str(_SETTINGS), others]))}


def has_display() -> bool:
    """Tell whether a browser window could appear on this machine."""
    if sys.platform != "linux":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def serve(notebook: Path, *, browser: bool | None = None, port: int | None = None) -> None:
    """Run JupyterLab in this process until it is ended."""
    from jupyterlab.labapp import LabApp

    os.environ.update(environment())
    shown = has_display() if browser is None else browser
    LabApp.launch_instance(arguments(notebook, browser=shown, port=port))
