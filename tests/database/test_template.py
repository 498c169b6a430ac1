"""The first data of a server."""

import threading

import pytest

from eventlab.database import template
from eventlab.database.configuration import PASSWORD_FILE
from eventlab.database.ground import chosen_ground
from eventlab.database.template import template_of
from eventlab.errors import DatabaseError
from eventlab.folders import cache_folder
from tests.broker.homes import read_only

pytestmark = pytest.mark.database


@pytest.fixture
def empty_cache(home):
    """Return the home's cache, which is its own, and empty."""
    link = home / "cache"
    link.unlink()
    link.mkdir()
    return link


def test_it_is_made_once(empty_cache):
    """The second who needs it finds it, with a password that nobody knows."""
    ground = chosen_ground()
    made = template_of(ground)
    changed = made.joinpath("PG_VERSION").stat().st_mtime_ns
    assert template_of(ground) == made
    assert made.joinpath("PG_VERSION").stat().st_mtime_ns == changed
    assert len(made.joinpath(PASSWORD_FILE).read_text(encoding="ascii")) == 32
    assert [path.name for path in made.parent.iterdir()] == [made.name]


@pytest.mark.long
def test_two_may_make_it_at_once(empty_cache):
    """Both get a whole one, and nothing is left of the other."""
    ground = chosen_ground()
    found = []
    threads = [threading.Thread(target=lambda: found.append(template_of(ground))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == 2
    assert len(set(found)) == 1
    assert [path.name for path in found[0].parent.iterdir()] == [found[0].name]


@pytest.mark.long
def test_an_interrupted_one_is_made_again(empty_cache):
    """What has no password was not finished."""
    ground = chosen_ground()
    made = template_of(ground)
    made.joinpath(PASSWORD_FILE).unlink()
    assert template_of(ground).joinpath(PASSWORD_FILE).exists()


def test_a_cache_that_cannot_be_written_costs_half_a_second(empty_cache):
    """It is made beside the data then."""
    ground = chosen_ground()
    with read_only(empty_cache):
        made = template_of(ground)
    assert made.parent == ground.place
    assert not cache_folder().joinpath("postgres").exists()


def test_where_initdb_fails_one_error_has_its_words(empty_cache, monkeypatch):
    """The error says what initdb has said, and nothing is left."""
    monkeypatch.setattr(template, "INITDB_OPTIONS", ["--nonsense"])
    with pytest.raises(DatabaseError, match=r"could not be made.*nonsense"):
        template_of(chosen_ground())
    assert list(cache_folder().joinpath("postgres").iterdir()) == []
