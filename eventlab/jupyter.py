"""JupyterLab on loopback, with a token, opened on a chapter, and silent towards the network."""

import asyncio
import os
import sys
from pathlib import Path

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

from eventlab.course.chapters import ROOT
from eventlab.course.kernel import kernel_environment

_SETTINGS = Path(__file__).with_name("jupyter_config")
# What a kernel and a page say to each other is short, and each waits for the other: with Nagle's
# algorithm a message lies in the socket until the one before is acknowledged, up to 40 ms.
PROMPT = ["--ServerApp.kernel_websocket_connection_class=eventlab.jupyter.PromptConnection"]
# News, update checks and the catalogue of extensions are asked for on the network: none of it here.
SILENT_TOWARDS_THE_NETWORK = [
    "--LabApp.news_url=None",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.extension_manager=readonly",
    "--ServerApp.log_level=WARN",
    "--LabApp.log_level=WARN",
]


# A finder of kernels that the user's settings name may not be installed here, or not find ours.
KERNELS_AS_FOUND = [
    "--ServerApp.kernel_spec_manager_class=jupyter_client.kernelspec.KernelSpecManager"
]


class PromptConnection(ZMQChannelsWebsocketConnection):
    """Carry a kernel's messages to a page, each at once."""

    def connect(self) -> "asyncio.Future[None] | None":  # type: ignore[override]  # as the class it extends, whose own base is typed otherwise
        """Turn Nagle's algorithm off, then connect as JupyterLab's own connection does."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()


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
        *PROMPT,
        *KERNELS_AS_FOUND,
        *SILENT_TOWARDS_THE_NETWORK,
    ]


def environment() -> dict[str, str]:
    """Return what JupyterLab's environment needs: no question about news, and our own kernel."""
    others = os.environ.get("JUPYTER_CONFIG_PATH")
    settings = os.pathsep.join(filter(None, [str(_SETTINGS), others]))
    return {"JUPYTER_CONFIG_PATH": settings} | kernel_environment()


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
