"""A real JupyterLab of the test's own, on loopback, with settings and files apart."""

import ctypes
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from eventlab import jupyter
from tests.waiting import until


class JupyterServer:
    """Serve a folder as `eventlab lab` would, and end with every kernel that was started.

    What belongs to JupyterLab goes to `folder`; `home` is eventlab's own, by default the suite's.
    """

    def __init__(self, root: Path, folder: Path, home: Path | None = None):
        self.root = root
        self._token = secrets.token_hex(16)
        self.home = home
        self._runtime = folder / "runtime"
        folder.mkdir(exist_ok=True)
        self._log = folder / "jupyter.log"
        with self._log.open("wb") as sink:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", *self._arguments()],
                env=self._environment(folder),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_end_with_the_tests if sys.platform == "linux" else None,
            )
        self.url = until(self._announced_url, seconds=60, what="JupyterLab to say where it is")
        until(self._listens, seconds=60, what="JupyterLab to listen")

    @property
    def pid(self) -> int:
        """Return the server's process id."""
        return self._process.pid

    def link(self, path: str) -> str:
        """Return the address under which a notebook opens, alone, in a workspace of its own."""
        workspace = secrets.token_hex(4)
        return f"{self.url}lab/workspaces/{workspace}/tree/{path}?token={self._token}&reset"

    def first_link(self, path: str) -> str:
        """Return the address that `eventlab lab` opens: the page as a learner finds or left it."""
        return f"{self.url}lab/tree/{path}?token={self._token}"

    def channels(self, kernel: str) -> str:
        """Return the address of the websocket over which a page talks with a kernel."""
        return f"ws{self.url[4:]}api/kernels/{kernel}/channels?token={self._token}"

    def kernels(self) -> list[dict]:
        """Return the kernels that run."""
        return self.ask("GET", "api/kernels")

    def ask(self, method: str, path: str, content: object = None) -> Any:
        """Return what the server's own interface answers, None if it answers nothing."""
        request = urllib.request.Request(f"{self.url}{path}", method=method)
        request.add_header("Authorization", f"token {self._token}")
        data = None if content is None else json.dumps(content).encode()
        with urllib.request.urlopen(request, data) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def end_kernels(self) -> None:
        """End what the notebooks run, as the page's own command does."""
        for session in self.ask("GET", "api/sessions"):
            self.ask("DELETE", f"api/sessions/{session['id']}")

    def end(self) -> None:
        """End the server by its process id; it ends its kernels."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _arguments(self) -> list[str]:
        return [
            "--ServerApp.ip=127.0.0.1",
            "--ServerApp.port=0",
            f"--IdentityProvider.token={self._token}",
            f"--ServerApp.root_dir={self.root}",
            "--ServerApp.open_browser=False",
            "--ServerApp.allow_root=True",
            "--LabApp.expose_app_in_browser=True",
            *jupyter.PROMPT,
            *jupyter.FILES,
            *jupyter.roomy(),
            *jupyter.SILENT_TOWARDS_THE_NETWORK,
        ]

    def _environment(self, folder: Path) -> dict[str, str]:
        apart = {
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(self._runtime),
            "IPYTHONDIR": str(folder / "ipython"),
        }
        home = {"EVENTLAB_HOME": str(self.home)} if self.home else {}
        return os.environ | jupyter.environment() | home | apart

    def _listens(self) -> bool:
        address = urllib.parse.urlsplit(self.url)
        try:
            socket.create_connection((address.hostname, address.port)).close()
        except ConnectionRefusedError:
            return False
        return True

    def _announced_url(self) -> str | None:
        if self._process.poll() is not None:
            raise AssertionError(
                f"JupyterLab ended: {self._log.read_text(encoding='utf-8')[-2000:]}"
            )
        for note in self._runtime.glob("jpserver-*.json"):
            try:
                facts = json.loads(note.read_text(encoding="utf-8"))
            except ValueError:
                return None  # it is being written
            return facts["url"]
        return None


def _end_with_the_tests() -> None:
    """Let the system end JupyterLab when the tests are killed before they could (Linux)."""
    set_death_signal = 1
    ctypes.CDLL(None).prctl(set_death_signal, signal.SIGTERM)
