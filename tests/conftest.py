"""One home and one broker for the whole suite, apart from the learner's own."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

from eventlab.broker import join, prepare
from eventlab.folders import cache_folder

_HOME = pytest.StashKey[str]()
_SEAT = pytest.StashKey[object]()


def pytest_configure(config: pytest.Config) -> None:
    """Give the suite a home of its own that shares the cache, before any worker starts."""
    if hasattr(config, "workerinput"):
        return
    prepare()
    home = Path(tempfile.mkdtemp(prefix="eventlab tests é "))
    (home / "cache").symlink_to(cache_folder(), target_is_directory=True)
    config.stash[_HOME] = str(home)
    os.environ["EVENTLAB_HOME"] = str(home)
    for name in ("EVENTLAB_BOOTSTRAP_SERVERS", "EVENTLAB_KAFKA_CONFIG", "EVENTLAB_JAVA"):
        os.environ.pop(name, None)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Hold the broker for as long as any worker runs, so that it is started once."""
    if _HOME in session.config.stash and not session.config.option.collectonly:
        session.config.stash[_SEAT] = join("the test suite")


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the broker, and return only when no process is left."""
    if _SEAT in config.stash:
        config.stash[_SEAT].end()
    if _HOME in config.stash:
        shutil.rmtree(config.stash[_HOME])


@pytest.fixture(scope="session")
def broker():
    """Return a seat at the suite's broker; no test may stop it."""
    seat = join("a test worker")
    yield seat
    seat.close()
