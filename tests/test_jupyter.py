import json
import os

import pytest
from jupyter_client.kernelspec import KernelSpecManager

from eventlab import jupyter
from eventlab.course.chapters import ROOT


def test_jupyterlab_listens_on_loopback_only_and_asks_nobody():
    """It serves one person on this machine, root too, and fetches neither news nor updates."""
    given = jupyter.arguments(ROOT / "notebooks" / "00_welcome.ipynb", browser=True, port=None)
    assert "--ServerApp.ip=127.0.0.1" in given
    assert "--LabApp.news_url=None" in given
    assert "--ServerApp.allow_root=True" in given
    assert "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate" in given
    assert not any("token" in argument for argument in given)


def test_its_messages_do_not_wait_for_each_other():
    """The server that a person starts connects pages and kernels as the tested one does."""
    given = jupyter.arguments(ROOT / "notebooks" / "00_welcome.ipynb", browser=True, port=None)
    assert set(jupyter.PROMPT) <= set(given)


def test_it_opens_on_the_chapter():
    """The page that appears is the chapter itself."""
    given = jupyter.arguments(ROOT / "notebooks" / "00_welcome.ipynb", browser=False, port=8899)
    assert "--LabApp.default_url=/lab/tree/notebooks/00_welcome.ipynb" in given
    assert "--ServerApp.open_browser=False" in given
    assert "--ServerApp.port=8899" in given


def test_without_a_display_there_is_only_the_link(monkeypatch):
    """On a Linux server no browser could appear."""
    monkeypatch.setattr(jupyter.sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert not jupyter.has_display()
    monkeypatch.setenv("DISPLAY", ":0")
    assert jupyter.has_display()


@pytest.mark.parametrize("settings", ["JUPYTER_PATH", "JUPYTER_DATA_DIR"])
def test_its_kernel_is_the_one_of_this_python(monkeypatch, tmp_path, settings):
    """Whatever kernel of that name others have installed, and however it is to be found."""
    folder = tmp_path / "kernels" / "python3"
    folder.mkdir(parents=True)
    foreign = {"argv": ["/usr/bin/foreign"], "display_name": "Foreign", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps(foreign), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", "")
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")
    monkeypatch.setenv(settings, str(tmp_path))
    assert KernelSpecManager().get_kernel_spec("python3").display_name == "Foreign"
    monkeypatch.setattr(os, "environ", os.environ | jupyter.environment())
    spec = KernelSpecManager().get_kernel_spec("python3")
    assert spec.argv[:3] == ["python", "-m", "ipykernel_launcher"]  # python: the one that asks
    given = jupyter.arguments(ROOT / "notebooks" / "00_welcome.ipynb", browser=False, port=None)
    assert set(jupyter.KERNELS_AS_FOUND) <= set(given)
