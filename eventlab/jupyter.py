"""JupyterLab on loopback, with a token, opened on the chapters, and silent towards the network."""

import asyncio
import hashlib
import json
import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from jupyterlab_server.workspaces_handler import WorkspacesManager
from tornado.web import HTTPError

from eventlab.course.chapters import ROOT
from eventlab.course.contents import as_markdown
from eventlab.course.kernel import kernel_environment
from eventlab.folders import data_folder, writing_to
from eventlab.moments import from_milliseconds
from eventlab.teach.progress import progress_file

PAGE = "Chapters.md"  # as in jupyter_data/labextensions/eventlab, which keeps it up to date
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

# The page of chapters is no file: what it says is computed whenever JupyterLab asks for it.
FILES = ["--ServerApp.contents_manager_class=eventlab.jupyter.CourseFiles"]

_ROOMY = {
    "data": {"layout-restorer:data": {"left": {"collapsed": True, "visible": True}}},
    "metadata": {"id": "default"},
}


class CourseFiles(AsyncLargeFileManager):
    """Serve the files as they are and, among them, the page of chapters as it stands now."""

    async def get(
        self,
        path: str,
        content: bool = True,
        type: str | None = None,
        format: str | None = None,
        require_hash: bool = False,
    ) -> dict[str, Any]:
        """Return what JupyterLab calls the model of a file or a folder."""
        if _is_page(path):
            return await asyncio.to_thread(_page, content=content)
        model: dict[str, Any] = await super().get(  # type: ignore[no-untyped-call]  # it has no types
            path, content, type, format, require_hash
        )
        if path.strip("/") == "" and content:
            model["content"].append(_page(content=False))
        return model

    async def file_exists(self, path: str) -> bool:
        """Tell whether there is such a file."""
        return _is_page(path) or bool(await super().file_exists(path))

    async def save(self, model: dict[str, Any], path: str = "") -> dict[str, Any]:
        """Save a file; the page is not to be changed by hand."""
        if _is_page(path):
            raise HTTPError(403, f"{PAGE} is computed from your progress, and cannot be changed")
        saved: dict[str, Any] = await super().save(model, path)  # type: ignore[no-untyped-call]
        return saved


def _is_page(path: str) -> bool:
    return path.strip("/") == PAGE


def _page(*, content: bool) -> dict[str, Any]:
    """Return the page of chapters as Jupyter's interface for files describes a file."""
    text = as_markdown() if content else None
    changed = _changed_at()
    return {
        "name": PAGE,
        "path": PAGE,
        "type": "file",
        "format": "text" if content else None,
        "mimetype": "text/markdown" if content else None,
        "content": text,
        "created": changed,
        "last_modified": changed,
        "size": None,
        "writable": False,
        "hash": hashlib.sha256((text or "").encode()).hexdigest() if content else None,
        "hash_algorithm": "sha256" if content else None,
    }


def _changed_at() -> datetime:
    kept = progress_file()
    changed = (kept if os.access(kept, os.R_OK) else ROOT).stat()
    return from_milliseconds(changed.st_mtime_ns // 1_000_000)


class PromptConnection(ZMQChannelsWebsocketConnection):
    """Carry a kernel's messages to a page, each at once."""

    def connect(self) -> "asyncio.Future[None] | None":  # type: ignore[override]  # as the class it extends, whose own base is typed otherwise
        """Turn Nagle's algorithm off, then connect as JupyterLab's own connection does."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()


def roomy() -> list[str]:
    """Return arguments with which JupyterLab's page is laid out for a stage beside the notebook.

    That is: with the list of files closed, until a learner opens it. How they leave the page is
    kept apart from their other JupyterLabs.
    """
    folder = data_folder() / "workspaces"
    with writing_to(folder):
        if not any(folder.iterdir()):
            WorkspacesManager(str(folder)).save("default", json.dumps(_ROOMY))
    return [f"--LabApp.workspaces_dir={folder}"]


def arguments(notebook: Path | None, *, browser: bool, port: int | None) -> list[str]:
    """Return the arguments with which JupyterLab opens `notebook`, or the page of chapters."""
    opened = notebook.relative_to(ROOT).as_posix() if notebook else PAGE
    chosen = [f"--ServerApp.port={port}", "--ServerApp.port_retries=0"] if port else []
    return [
        "--ServerApp.ip=127.0.0.1",
        # In a container one often is root; on loopback, behind a token, that is no more dangerous.
        "--ServerApp.allow_root=True",
        f"--ServerApp.root_dir={ROOT}",
        f"--ServerApp.open_browser={browser}",
        f"--LabApp.default_url=/lab/tree/{opened}",
        *chosen,
        *PROMPT,
        *FILES,
        *KERNELS_AS_FOUND,
        *roomy(),
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


def serve(notebook: Path | None, *, browser: bool | None = None, port: int | None = None) -> None:
    """Run JupyterLab on a notebook, or the page of chapters, in this process until it is ended."""
    from jupyterlab.labapp import LabApp

    os.environ.update(environment())
    shown = has_display() if browser is None else browser
    LabApp.launch_instance(arguments(notebook, browser=shown, port=port))
