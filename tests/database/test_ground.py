"""Where the server can run, as whom, and what is said where it cannot."""

import os
import shutil
import stat
import sys

import pytest

from eventlab.database import ground, new_database
from eventlab.database.binaries import installed_folder
from eventlab.database.ground import chosen_ground, server_folder
from eventlab.errors import SetupError, StorageError
from tests.broker.homes import read_only

IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
for_root = pytest.mark.skipif(not IS_ROOT, reason="only root has to be somebody else")


def _can(way) -> bool:
    try:
        way(installed_folder(), server_folder())
    except OSError:
        return False
    return True


def _only(monkeypatch, *ways) -> None:
    monkeypatch.setattr(ground, "_WAYS", {way.__name__: way for way in ways})


@for_root
@pytest.mark.database
@pytest.mark.parametrize("way", [ground.as_another_user, ground.in_a_namespace, ground.on_a_copy])
def test_root_has_a_server_in_each_way(home, monkeypatch, way):
    """As nobody, in a user namespace, and on a copy: a database is made, killed and comes back."""
    if not _can(way):
        pytest.skip(f"this machine does not allow it: {way.__name__}")
    _only(monkeypatch, way)
    database = new_database("a test")
    database.sql("create table kept (id int); insert into kept values (1)")
    database.kill()
    database.start()
    assert len(database.sql("select * from kept")) == 1
    database.close()


@pytest.mark.long
@for_root
@pytest.mark.database
def test_below_a_private_folder_root_takes_another_way(home, tmp_path, monkeypatch):
    """Where nobody cannot reach the programs, a namespace or a copy serves, in this order."""
    private = tmp_path / "private"
    package = private / installed_folder().parent.name
    shutil.copytree(installed_folder(), package / "pginstall", symlinks=True)
    libraries = installed_folder().parent.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, private / libraries.name)
    private.chmod(0o700)
    monkeypatch.setattr(ground, "installed_folder", lambda: package / "pginstall")
    with pytest.raises(OSError, match=r"ermission|private"):
        ground.as_another_user(package / "pginstall", server_folder())
    first = chosen_ground()
    assert first.identity.in_namespace == _can(ground.in_a_namespace)
    _only(monkeypatch, ground.as_another_user, ground.on_a_copy)
    assert chosen_ground().programs.is_relative_to(chosen_ground().place)
    database = new_database("a test")
    assert database.sql("select 1 as one")["one"].tolist() == [1]
    database.close()


@for_root
def test_where_no_way_works_one_error_says_so(home, monkeypatch):
    """It names each way with its reason, and what to do."""

    def forbidden(_installed, _home):
        raise PermissionError(1, "Operation not permitted")

    _only(monkeypatch, forbidden)
    with pytest.raises(SetupError, match=r"as root.*forbidden: Operation not.*EVENTLAB_POSTGRES"):
        chosen_ground()


@for_root
def test_a_place_of_someone_else_is_not_used(home):
    """A folder of that name that another user has made is none of ours."""
    place = ground.as_another_user(installed_folder(), server_folder()).place
    os.chown(place, 12345, 12345)
    with pytest.raises(OSError, match="belongs to someone else"):
        ground.as_another_user(installed_folder(), server_folder())


@for_root
def test_the_place_is_private(home):
    """Nobody else can look into the data."""
    place = ground.as_another_user(installed_folder(), server_folder()).place
    assert stat.S_IMODE(place.stat().st_mode) == 0o700


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_a_home_that_cannot_be_written_is_one_error(home):
    """The error names the folder and EVENTLAB_HOME, whether it has had a server before or not."""
    with read_only(home / "data"), pytest.raises(StorageError, match="EVENTLAB_HOME"):
        new_database("a test")
    server_folder().rmdir()
    with read_only(home / "data"), pytest.raises(StorageError, match="EVENTLAB_HOME"):
        new_database("a test")


def test_settings_meant_for_other_servers_are_dropped(monkeypatch):
    """PGDATA and the like of the learner's shell lead no program of ours astray."""
    monkeypatch.setenv("PGDATA", "elsewhere")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    environment = ground.server_environment()
    assert "PGDATA" not in environment
    assert environment["LC_ALL"] == "C"
