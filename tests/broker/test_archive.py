"""Whether a start-up archive is the one that was proved, and whether the JVM took it."""

import os
from dataclasses import replace

import pytest

from eventlab.broker.archive import Archive, refused
from eventlab.broker.java import Java


@pytest.fixture
def archive(tmp_path) -> Archive:
    """Return an archive that was proved."""
    program = tmp_path / "java"
    program.write_text("java", encoding="utf-8")
    made = Archive(Java(str(program), 25, "25.0.2", "a test"), tmp_path / "start-1.archive")
    made.path.write_bytes(b"whole" * 100)
    made.prove()
    return made


def _hidden(archive: Archive, content: bytes) -> None:
    stat = archive.path.stat()
    archive.path.write_bytes(content)
    os.utime(archive.path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def test_the_one_that_was_proved_stands(archive):
    """It stands as it is, and also with other times of change, as in a copy."""
    assert archive.stands()
    os.utime(archive.path, (1, 1))
    assert archive.stands()


@pytest.mark.parametrize("damage", [b"", b"whole" * 99, b"other" * 100])
def test_a_damaged_one_does_not_stand(archive, damage):
    """Empty, truncated, bytes changed."""
    archive.path.write_bytes(damage)
    os.utime(archive.path, (1, 1))
    assert not archive.stands()
    assert not archive.is_whole()


def test_damage_that_hides_its_time_is_seen_by_reading_whole(archive):
    """Same size and time: only reading it tells."""
    _hidden(archive, b"other" * 100)
    assert archive.stands()
    assert not archive.is_whole()


def test_it_falls_with_its_java(archive):
    """Another Java at the same place, and the archive is no longer the one that was proved."""
    os.utime(archive.java.path, (1, 1))
    assert not archive.stands()


def test_it_does_not_stand_without_its_note(archive):
    """No note, half a note, a foreign note: as if there were no archive."""
    for note in ("", "{", "[]", "{}"):
        archive.note.write_text(note, encoding="utf-8")
        assert not archive.stands()
        assert not archive.is_whole()
    archive.drop()
    archive.drop()
    assert not archive.stands()
    assert not archive.path.exists()


def test_each_java_has_its_own_kind_of_archive(archive):
    """The AOT cache from 25 on, the class data archive before."""
    older = replace(archive, java=replace(archive.java, major=17))
    assert archive.use_flags()[0].startswith("-XX:AOTCache=")
    assert older.use_flags()[0].startswith("-XX:SharedArchiveFile=")
    assert archive.making_flags()[0].startswith("-XX:AOTCacheOutput=")
    assert older.making_flags()[0].startswith("-XX:ArchiveClassesAtExit=")
    assert archive.proving_flags()[1] == "-XX:AOTMode=on"
    assert older.proving_flags()[1] == "-Xshare:on"


@pytest.mark.parametrize(
    ("head", "verdict"),
    [
        ("[0.011s][error][aot] Unable to map shared spaces\n", True),
        ("x\n[0,056s][warning][cds,dynamic] Unable to use shared archive.\n", True),
        ("[2026-11-23 09:24:43,455] INFO Registered (x)\n", False),
        ("WARNING: sun.misc.Unsafe::invokeCleaner\n[x] ERROR a line with aot\n", False),
    ],
)
def test_the_jvm_says_whether_it_took_it(tmp_path, head, verdict):
    """Only the JVM's own lines at the head of the log count."""
    log = tmp_path / "broker.log"
    log.write_text(head, encoding="utf-8")
    assert refused(log) is verdict
