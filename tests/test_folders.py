"""Where things are kept, and the one error when they cannot be."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from eventlab.errors import StorageError
from eventlab.folders import cache_folder, data_folder, spoken_storage_error, writing_to


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
        (folder / "none").read_text()


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
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(StorageError, match="EVENTLAB_HOME"), writing_to(folder):
            pass
