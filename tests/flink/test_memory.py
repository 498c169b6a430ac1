"""How much memory is free, in a container too."""

import psutil
import pytest

from eventlab.flink import memory
from eventlab.flink.memory import free_memory


@pytest.fixture
def groups(tmp_path, monkeypatch):
    """Return the folder that stands for the system's control groups."""
    monkeypatch.setattr(memory, "_CONTROL_GROUPS", tmp_path)
    return tmp_path


def test_without_a_limit_it_is_the_machine_s(groups):
    """No container, or one that may have all: "max"."""
    available = psutil.virtual_memory().available
    assert free_memory() == pytest.approx(available, rel=0.5)
    (groups / "memory.max").write_text("max\n", encoding="ascii")
    (groups / "memory.current").write_text("5\n", encoding="ascii")
    (groups / "memory.stat").write_text("inactive_file 1\n", encoding="ascii")
    assert free_memory() == pytest.approx(available, rel=0.5)


def test_a_container_s_limit_counts(groups):
    """What it has of files could be given back."""
    (groups / "memory.max").write_text("1000\n", encoding="ascii")
    (groups / "memory.current").write_text("700\n", encoding="ascii")
    (groups / "memory.stat").write_text("anon 600\ninactive_file 100\n", encoding="ascii")
    assert free_memory() == 400


def test_so_does_that_of_the_first_version(groups):
    """Its files have other names; beyond its limit nothing is left."""
    folder = groups / "memory"
    folder.mkdir()
    (folder / "memory.limit_in_bytes").write_text("1000\n", encoding="ascii")
    (folder / "memory.usage_in_bytes").write_text("1200\n", encoding="ascii")
    (folder / "memory.stat").write_text("total_inactive_file 50\n", encoding="ascii")
    assert free_memory() == 0
