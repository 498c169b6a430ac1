import asyncio
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_core.paths import jupyter_path
from jupyter_server.services.contents.handlers import validate_model
from jupyterlab_server.config import get_federated_extensions
from nbformat.v4 import new_code_cell, new_notebook, new_output
from tornado.web import HTTPError

from eventlab import jupyter
from eventlab.course.chapters import ROOT
from eventlab.teach.progress import remember


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


@pytest.mark.processes
def test_its_server_has_no_arrays():
    """Ten megabytes, and a quarter of a second of its start, that no page ever needs."""
    code = "import sys, eventlab.jupyter; print({'numpy', 'pandas', 'altair'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8")
    assert found.stdout == "set()\n"


def test_it_opens_on_the_chapter():
    """The page that appears is the chapter itself."""
    given = jupyter.arguments(ROOT / "notebooks" / "00_welcome.ipynb", browser=False, port=8899)
    assert "--LabApp.default_url=/lab/tree/notebooks/00_welcome.ipynb" in given
    assert "--ServerApp.open_browser=False" in given
    assert "--ServerApp.port=8899" in given


def test_without_a_chapter_it_opens_on_all_of_them():
    """The page of chapters, which its files have."""
    given = jupyter.arguments(None, browser=False, port=None)
    assert f"--LabApp.default_url=/lab/tree/{jupyter.PAGE}" in given
    assert set(jupyter.FILES) <= set(given)


def test_its_page_is_laid_out_once_for_a_stage_and_then_as_it_was_left(tmp_path, monkeypatch):
    """What a learner has changed is theirs."""
    monkeypatch.setenv("EVENTLAB_HOME", str(tmp_path))
    (given,) = jupyter.roomy()
    (layout,) = Path(given.partition("=")[2]).iterdir()
    assert json.loads(layout.read_text(encoding="utf-8"))["data"]
    layout.write_text("{}", encoding="utf-8")
    assert jupyter.roomy() == [given]
    assert layout.read_text(encoding="utf-8") == "{}"


def answer(question):
    """Return what a coroutine gives, in a thread: browser tests may have a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, question).result()


@pytest.fixture
def files(tmp_path):
    """The files of a folder that has one, as JupyterLab asks for them."""
    (tmp_path / "notes.md").write_text("Mine", encoding="utf-8")
    return jupyter.CourseFiles(root_dir=str(tmp_path))


def test_the_page_stands_among_the_files_and_is_none(files, tmp_path, monkeypatch):
    """It is listed, says what is done now, and leaves nothing in the folder."""
    monkeypatch.setenv("EVENTLAB_HOME", str(tmp_path / "home"))
    listed = answer(files.get("/"))["content"]
    assert [one["name"] for one in listed] == ["notes.md", jupyter.PAGE]
    assert answer(files.file_exists(jupyter.PAGE))
    before = answer(files.get(jupyter.PAGE, require_hash=True))
    remember("claim", "00.real")
    after = answer(files.get(jupyter.PAGE, require_hash=True))
    assert "1 of 2" not in before["content"]
    assert "1 of 2" in after["content"]
    for model in (before, after):
        validate_model(model, expect_content=True, expect_hash=True)
    assert not (tmp_path / jupyter.PAGE).exists()


def test_the_page_cannot_be_written_over(files, tmp_path):
    """Whatever asks for it; other files are saved as ever."""
    model = {"type": "file", "format": "text", "content": "Yours"}
    with pytest.raises(HTTPError, match="computed from your progress"):
        answer(files.save(dict(model), jupyter.PAGE))
    answer(files.save(dict(model), "notes.md"))
    assert (tmp_path / "notes.md").read_text(encoding="utf-8") == "Yours"
    assert answer(files.get("notes.md"))["content"] == "Yours"
    assert not (tmp_path / jupyter.PAGE).exists()


def test_what_keeps_the_page_up_to_date_is_found_by_jupyterlab(monkeypatch):
    """It is loaded without being built or installed, and knows the page by its name."""
    monkeypatch.setattr(os, "environ", os.environ | jupyter.environment())
    found = get_federated_extensions(jupyter_path("labextensions"))["eventlab"]
    script = Path(found["ext_path"], found["jupyterlab"]["_build"]["load"])
    assert f'"{jupyter.PAGE}"' in script.read_text(encoding="utf-8")


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


@pytest.mark.processes
def test_exported_a_widget_is_its_picture(tmp_path):
    """Its view would ask the network for code and find no kernel; and the picture's words stay."""
    view = {"model_id": "a" * 32}
    data = {
        "application/vnd.jupyter.widget-view+json": view,
        "image/png": "iVBORw0KGgo=",
        "text/plain": "Stage",
    }
    size = {"image/png": {"width": 40, "alt": "Orders <late> & lost"}}
    output = new_output("display_data", data, metadata=size)
    plain = new_output("display_data", {"image/png": "AAAA"})
    state = {"state": {view["model_id"]: {"model_name": "Stage", "state": {}}}}
    notebook = new_notebook(
        cells=[new_code_cell("stage", outputs=[output, plain])],
        metadata={"widgets": {"application/vnd.jupyter.widget-state+json": state}},
    )
    nbformat.write(notebook, tmp_path / "kept.ipynb")
    command = [sys.executable, "-m", "nbconvert", "--to", "html", str(tmp_path / "kept.ipynb")]
    subprocess.run(command, check=True, capture_output=True)
    page = (tmp_path / "kept.html").read_text(encoding="utf-8")
    (shown,) = re.findall(r"<img [^>]*iVBORw0KGgo=[^>]*>", page)
    assert 'alt="Orders &lt;late&gt; &amp; lost"' in shown
    assert 'width="40"' in shown
    assert "No description" not in shown
    assert 'src="data:image/png;base64,AAAA' in page
    assert '<script type="application/vnd.jupyter.widget-view+json">' not in page
