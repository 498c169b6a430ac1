"""A home for each test that may break it, and the promise that nothing is left of it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from eventlab.broker import joining
from eventlab.folders import cache_folder
from tests.broker.homes import User, assert_nothing_left


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a home of this test alone that shares the suite's cache."""
    folder = tmp_path / "a home, with é"
    folder.mkdir()
    (folder / "cache").symlink_to(cache_folder().resolve(), target_is_directory=True)
    monkeypatch.setenv("EVENTLAB_HOME", str(folder))
    monkeypatch.setattr(joining, "LINGER_SECONDS", 0.1)  # nobody comes back in these tests
    yield folder
    assert_nothing_left(folder)


@pytest.fixture
def user(home: Path) -> Iterator[Callable[..., User]]:
    """Return what starts a user of the home's broker in a process of its own."""
    users: list[User] = []

    def start(name: str, **options) -> User:
        users.append(User(name, **options))
        return users[-1]

    yield start
    for one in users:
        one.kill()
