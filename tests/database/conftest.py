"""One server for most tests, and a home for each that may break it, of which nothing is left."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from eventlab.database import Database, joining, new_database
from eventlab.database.local import LocalServer
from eventlab.folders import cache_folder
from tests.database.homes import User, assert_nothing_left, places, processes_in
from tests.waiting import until


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a home of this test alone that shares the suite's cache."""
    folder = tmp_path / "a home, with é"
    folder.mkdir()
    (folder / "cache").symlink_to(cache_folder().resolve(), target_is_directory=True)
    monkeypatch.setenv("EVENTLAB_HOME", str(folder))
    monkeypatch.setattr(joining, "LINGER_SECONDS", 0.1)  # nobody comes back in these tests
    folders = places()
    yield folder
    assert_nothing_left(folders)
    _remove_own_place(folders)


def _remove_own_place(folders: list[Path]) -> None:
    """Remove the folder that root's server has had, which has its place outside of the home."""
    home, place = folders
    if place != home:
        shutil.rmtree(place, ignore_errors=True)


@pytest.fixture(scope="session")
def shared_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a home whose server lives as long as the tests of this worker."""
    folder = tmp_path_factory.mktemp("databases")
    (folder / "cache").symlink_to(cache_folder().resolve(), target_is_directory=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EVENTLAB_HOME", str(folder))
        patch.setattr(joining, "LINGER_SECONDS", 0.1)
        seat = LocalServer("the tests")
        seat.start()
        folders = places()
    yield folder
    seat.close()
    until(lambda: not processes_in(folders))
    _remove_own_place(folders)


@pytest.fixture
def database(shared_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """Return a database on a server that runs, and is to run when the test has ended."""
    monkeypatch.setenv("EVENTLAB_HOME", str(shared_home))
    made = new_database("a test")
    yield made
    made.close()


@pytest.fixture
def own_database(home: Path) -> Iterator[Database]:
    """Return a database on a server to which this test may do anything."""
    made = new_database("a test")
    yield made
    made.close()


@pytest.fixture
def user(home: Path) -> Iterator[Callable[[str], User]]:
    """Return what starts a user of the home's server in a process of its own."""
    users: list[User] = []

    def start(name: str) -> User:
        users.append(User(name))
        return users[-1]

    yield start
    for one in users:
        one.kill()
