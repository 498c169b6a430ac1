"""The folder of one run's files."""

import shutil

import pytest

from eventlab.course.run_folder import run_folder


class Run:
    """What a run is to its folder: a name of its own, and an end."""

    def __init__(self) -> None:
        self.kept = []

    def name(self, name):
        """Return the name within this run."""
        return f"ch00.{name}"

    def keep(self, close):
        """Remember what ends with it."""
        self.kept.append(close)


@pytest.fixture(autouse=True)
def _own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("EVENTLAB_HOME", str(tmp_path))


def test_it_is_new_and_empty_each_time_and_goes_with_the_run():
    """What an earlier one has left is gone with it."""
    run = Run()
    first = run_folder(run, "files")
    (first / "left.csv").touch()
    second = run_folder(run, "files")
    assert second != first
    assert list(second.iterdir()) == []
    assert not first.exists()
    for close in run.kept:
        close()
    assert not second.exists()


def test_two_names_are_two_folders_that_stand_beside_each_other():
    """Neither takes the other's files away."""
    run = Run()
    first = run_folder(run, "files")
    (first / "kept.csv").touch()
    run_folder(run, "orders")
    assert (first / "kept.csv").exists()


def test_who_still_looks_at_the_files_of_an_earlier_run_is_in_nobodys_way(monkeypatch):
    """A file that comes back while its folder is being deleted is one."""
    run = Run()
    first = run_folder(run, "files")
    delete = shutil.rmtree

    def deleted_and_written_to(folder, *arguments, **options):
        delete(folder, *arguments, **options)
        first.mkdir(parents=True)
        (first / "shop.sqlite-shm").touch()

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", deleted_and_written_to)
        second = run_folder(run, "files")
    assert list(second.iterdir()) == []
