"""Where things are kept, and the one error when they cannot be."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from eventlab.errors import StorageError, UsageError
from eventlab.folders import (
    cache_folder,
    data_folder,
    named_folder,
    spoken_storage_error,
    writing_to,
)


def test_one_variable_moves_both(monkeypatch, tmp_path):
    """EVENTLAB_HOME holds cache and data; ~ and relative paths are understood."""
    monkeypatch.setenv("EVENTLAB_HOME", str(tmp_path))
    assert (cache_folder(), data_folder()) == (tmp_path / "cache", tmp_path / "data")
    monkeypatch.setenv("EVENTLAB_HOME", "~/lab")
    assert cache_folder() == Path.home() / "lab" / "cache"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EVENTLAB_HOME", "lab")
    assert data_folder() == tmp_path / "lab" / "data"


def test_without_it_they_are_the_users_own(monkeypatch):
    """Cache and data are two folders, both named after the project."""
    for value in (None, ""):
        monkeypatch.delenv("EVENTLAB_HOME") if value is None else monkeypatch.setenv(
            "EVENTLAB_HOME", value
        )
        assert cache_folder() != data_folder()
        assert "eventlab" in str(cache_folder())
        assert "eventlab" in str(data_folder())


def test_the_folder_is_made(tmp_path):
    """Whoever writes finds the folder there, and what they raise of their own is left alone."""
    with writing_to(tmp_path / "a" / "b") as folder:
        assert folder.is_dir()
    with pytest.raises(KeyError), writing_to(folder):
        raise KeyError
    with pytest.raises(FileNotFoundError), writing_to(folder):
        (folder / "none").read_text(encoding="utf-8")


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights than modes")
def test_the_folders_are_their_owner_s_alone(monkeypatch, tmp_path):
    """Nobody else can hold a lock in them; a cache that was opened on purpose stays open."""
    monkeypatch.setenv("EVENTLAB_HOME", str(tmp_path / "home"))
    for folder in (data_folder(), cache_folder() / "inner"):
        with writing_to(folder):
            pass
    made = [tmp_path / "home", data_folder(), cache_folder(), cache_folder() / "inner"]
    assert {folder.stat().st_mode & 0o777 for folder in made} == {0o700}
    for folder in (data_folder(), cache_folder()):
        folder.chmod(0o755)
        with writing_to(folder):
            pass
    assert data_folder().stat().st_mode & 0o777 == 0o700
    assert cache_folder().stat().st_mode & 0o777 == 0o755


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "is full"),
        (errno.EDQUOT, "is full"),
        (errno.EACCES, "cannot be written"),
        (errno.EPERM, "cannot be written"),
        (errno.EROFS, "cannot be written"),
    ],
)
def test_the_system_s_refusal_is_one_error(tmp_path, number, said):
    """Whether raised alone, gathered by shutil or spoken by a program: folder and remedy."""
    alone = OSError(number, os.strerror(number))
    for error in (alone, shutil.Error([("a", "b", str(alone))])):
        with pytest.raises(StorageError, match=said) as caught, writing_to(tmp_path):
            raise error
        assert str(tmp_path) in str(caught.value)
        assert "EVENTLAB_HOME" in caught.value.remedy
    assert said in str(spoken_storage_error(tmp_path, f"x: {os.strerror(number)}"))
    assert spoken_storage_error(tmp_path, "x") is None


def test_a_file_in_the_way_is_one_error(tmp_path):
    """A file where the folder, or one above it, should be."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(StorageError, match="EVENTLAB_HOME"), writing_to(folder):
            pass


NO_NAMES = ["", " ", ".", "..", "a/b", "../a", "a\\b", "c:", "a\0", "a\n", "a.", "é" * 120, None, 5]


@pytest.mark.parametrize("name", NO_NAMES)
def test_a_name_that_leads_elsewhere_is_no_folder(tmp_path, name):
    """A learner's name becomes a path in one place, and stays in its folder on any system."""
    with pytest.raises(UsageError, match="name"):
        named_folder(tmp_path, name)


@pytest.mark.parametrize("name", ["departures", "per hour", "größe", "ch00.x-1", "..x"])
def test_a_plain_name_is_a_folder(tmp_path, name):
    """Spaces, dots and the letters of any language are plain."""
    assert named_folder(tmp_path, name) == tmp_path / name
