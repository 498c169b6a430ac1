from eventlab import jupyter
from eventlab.chapters import ROOT


def test_jupyterlab_listens_on_loopback_only_and_asks_nobody():
    """It serves one person on this machine, root too, and fetches neither news nor updates."""
    given = jupyter.arguments(ROOT / "notebooks" / "00_welcome.ipynb", browser=True, port=None)
    assert "--ServerApp.ip=127.0.0.1" in given
    assert "--LabApp.news_url=None" in given
    assert "--ServerApp.allow_root=True" in given
    assert "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate" in given
    assert not any("token" in argument for argument in given)


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
