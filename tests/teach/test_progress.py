import os
import subprocess
import sys

import pytest

from eventlab.errors import StorageError
from eventlab.folders import data_folder
from eventlab.teach import progress

MOST_KERNELS = 4
EACH = 25
KERNEL = f"""
import sys
from eventlab.teach.progress import remember
for number in range({EACH}):
    remember("claim", f"00.{{sys.argv[1]}}-{{number}}")
"""

as_a_user = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere"
)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home of its own, so that no other test's progress is in it."""
    monkeypatch.setenv("EVENTLAB_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def closed_home(home):
    """A home in whose place there is a file, so that root too cannot write there."""
    home.write_text("no folder", encoding="utf-8")
    return home


def test_what_was_done_is_remembered_by_its_kind_and_name():
    """With what is known of it, and the last of it where it was done twice."""
    progress.remember("claim", "00.real")
    progress.remember("prediction", "00.real", {"guess": 1})
    progress.remember("prediction", "00.real", {"guess": 2.5})
    assert progress.remembered("claim") == {"00.real": None}
    assert progress.remembered("prediction") == {"00.real": {"guess": 2.5}}
    assert progress.remembered("exercise") == {}


def test_any_name_will_do():
    """A learner names predictions too."""
    odd = "../é'; DROP TABLE done; --\n" + 300 * "x"
    progress.remember("claim", odd)
    assert list(progress.remembered("claim")) == [odd]


def test_looking_makes_nothing(home):
    """Who only looks leaves no file behind."""
    assert progress.remembered("claim") == {}
    assert progress.forget_everything() == 0
    assert not home.exists()


def test_the_next_class_begins_with_nothing():
    """Everything is forgotten, and how much it was is returned."""
    progress.remember("claim", "00.real")
    progress.remember("exercise", "00.1")
    assert progress.forget_everything() == 2
    assert progress.remembered("claim") == progress.remembered("exercise") == {}


@pytest.mark.processes
def test_kernels_that_write_at_the_same_time_lose_nothing():
    """Each waits for the other's write."""
    kernels = [
        subprocess.Popen([sys.executable, "-c", KERNEL, str(number)])
        for number in range(MOST_KERNELS)
    ]
    assert [kernel.wait(60) for kernel in kernels] == [0] * MOST_KERNELS
    assert len(progress.remembered("claim")) == MOST_KERNELS * EACH


def test_where_nothing_can_be_written_the_chapter_goes_on(closed_home):
    """No error reaches the cell, and whoever asks is told why."""
    progress.remember("claim", "00.real")
    assert progress.remembered("claim") == {}
    assert str(closed_home) in str(progress.trouble())


@as_a_user
def test_in_a_read_only_home_what_is_there_can_be_read(home):
    """A teacher's copy, say, that nobody is to change."""
    progress.remember("claim", "00.real")
    progress.progress_file().chmod(0o400)
    data_folder().chmod(0o500)
    try:
        progress.remember("claim", "00.more")
        assert list(progress.remembered("claim")) == ["00.real"]
        assert progress.trouble()
    finally:
        data_folder().chmod(0o700)


def test_a_damaged_file_is_no_progress_and_says_so(home):
    """The chapter goes on here too; the reset names the file to delete."""
    data_folder().mkdir(parents=True)
    progress.progress_file().write_bytes(b"no database at all" * 100)
    progress.remember("claim", "00.real")
    assert progress.remembered("claim") == {}
    with pytest.raises(StorageError, match=r"progress\.sqlite.*found file is not a database"):
        progress.forget_everything()
    assert "Delete it" in str(progress.trouble())


def test_a_home_that_can_be_written_is_no_trouble():
    """And asking leaves what is kept as it is."""
    progress.remember("claim", "00.real")
    assert progress.trouble() is None
    assert list(progress.remembered("claim")) == ["00.real"]
