import shutil

import pytest

from eventlab.errors import StorageError, UsageError
from eventlab.views.generation_files import GenerationFiles, current_file, delete


@pytest.fixture
def files(tmp_path):
    """Return the files of a view, begun."""
    files = GenerationFiles(tmp_path / "sold", "db")
    files.begin()
    yield files
    files.end()


def test_the_file_that_is_shown_is_known_by_its_name(files):
    """None at first; the folder may be moved as a whole."""
    assert current_file(files.folder, "db") is None
    files.show(files.fresh())
    assert current_file(files.folder, "db") == files.folder / "rows-1.db"
    moved = files.folder.rename(files.folder.with_name("moved"))
    assert current_file(moved, "db") == moved / "rows-1.db"


def test_each_file_is_a_new_one(files):
    """Of those that are there, the one that is shown stays, with what its database put beside."""
    first = files.fresh()
    for ending in ("", "-wal"):
        first.with_name(first.name + ending).touch()
    files.show(first)
    second = files.fresh()
    second.touch()
    files.release(second)
    (files.folder / "rows-x.db").touch()
    third = files.fresh()
    there = {path.name for path in files.folder.glob("rows-*")}
    assert (second.name, third.name) == ("rows-2.db", "rows-3.db")
    assert there == {"rows-1.db", "rows-1.db-wal", "rows-x.db"}


def test_a_file_that_is_being_built_stays(files):
    """Until it is released."""
    building = files.fresh()
    building.touch()
    files.fresh()
    assert building.exists()
    files.release(building)
    files.fresh()
    assert not building.exists()


def test_a_lock_whose_file_is_gone_is_none(files):
    """Another one may have it by then: who begins again sees to it that it is there."""
    (files.folder / "lock").unlink()
    other = GenerationFiles(files.folder, "db")
    other.begin()
    with pytest.raises(StorageError, match="sold is written by somebody else"):
        files.begin()
    other.end()
    files.begin()


def test_one_writes_at_a_time(files):
    """The next one when the first has ended; begun twice is begun once."""
    files.begin()
    other = GenerationFiles(files.folder, "db")
    with pytest.raises(StorageError, match="sold is written by somebody else"):
        other.begin()
    files.end()
    other.begin()
    other.end()


def test_what_is_not_there_is_deleted_too(tmp_path):
    """Nobody need look before."""
    delete(tmp_path / "rows-1.db")


@pytest.mark.parametrize("what", [b"\xff\xfe\x00", b"", b"../other.db", None])
def test_a_name_of_what_is_shown_that_is_none_is_one_error(files, what):
    """None but who replaces it goes on."""
    current = files.folder / "current"
    if what is None:
        current.mkdir()
    else:
        current.write_bytes(what)
    with pytest.raises(StorageError, match=r"current of a view cannot be used: .*build it anew"):
        files.kept()
    assert files.fresh().name == "rows-1.db"
    if what is None:
        with pytest.raises(StorageError, match="current of a view cannot be used"):
            files.show(files.fresh())


def test_rows_of_another_store_are_not_taken_for_damaged(files):
    """They are those of another store, which says so."""
    files.show(files.fresh())
    other = GenerationFiles(files.folder, "duckdb")
    with pytest.raises(UsageError, match=r"built in another store: .* found .*rows-1\.db"):
        other.kept()
    assert other.fresh().name == "rows-1.duckdb"


def test_a_folder_that_was_deleted_is_made_anew(files):
    """With its lock."""
    shutil.rmtree(files.folder)
    files.begin()
    files.show(files.fresh())
    assert {path.name for path in files.folder.iterdir()} == {"lock", "current"}


def test_a_lock_that_is_a_folder_is_one_error(tmp_path):
    """It says which."""
    (tmp_path / "sold" / "lock").mkdir(parents=True)
    with pytest.raises(StorageError, match=r"lock of a view cannot be used"):
        GenerationFiles(tmp_path / "sold", "db").begin()
