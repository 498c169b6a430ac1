"""What has to be there before a broker starts: made once, seen when it is damaged, made again."""

import errno
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from eventlab.broker import configuration, distribution, installation, jars, join, prepare
from eventlab.broker.archive import Archive, refused
from eventlab.broker.distribution import kafka_jars
from eventlab.errors import BrokerError, DownloadError, SetupError, StorageError
from tests.broker.homes import can_mount, own_cache, processes_of, read_only, small_disk
from tests.broker.traffic import sent_to, values_in
from tests.waiting import until

pytestmark = pytest.mark.broker

needs_mount = pytest.mark.skipif(not can_mount(), reason="only root can mount a small disk")


@pytest.fixture
def cache(home) -> Path:
    """Return a copy of the suite's cache that this test may damage."""
    return own_cache(home)


@pytest.fixture
def offline(monkeypatch):
    """Let nothing be fetched: a test that would need the network fails instead."""

    def resolve():
        def refuse(jar, _folder):
            raise DownloadError(f"{jar.file_name} was asked for")

        return refuse

    monkeypatch.setattr(jars, "_from_maven", resolve)


@pytest.fixture
def copied(monkeypatch, tmp_path):
    """Make archives in no time: a broker is not trained, its archive is copied from the suite's."""
    saved = shutil.copy2(installation.installation().archive.path, tmp_path / "saved.archive")
    made = []

    def train(_command, _template, archive: Path, _folder) -> None:
        made.append(shutil.copy2(saved, archive))

    monkeypatch.setattr(installation, "train", train)
    return made


def _archive() -> Archive:
    return installation.installation().archive


def _hide(path: Path, content: bytes) -> None:
    stat = path.stat()
    path.write_bytes(content)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def test_a_complete_cache_is_left_as_it_is(home, offline):
    """The second warm-up does nothing: no progress, no process, no file touched."""
    reported = []
    assert installation.stands()
    prepare(lambda *step: reported.append(step))
    assert reported == []
    assert not installation.repair()


@pytest.mark.long  # a set-up does the same, and the suite's broker runs by what it has made
def test_everything_is_made_from_the_jars(home, cache, offline):
    """Template and archive are made with progress, by a real broker, and its JVM takes them."""
    root = installation.installation().root
    for path in root.iterdir():
        if path.name != "jars":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    (root / "making-before").mkdir()
    (root / "incoming-before").mkdir()
    assert not installation.stands()
    reported = []
    prepare(lambda *step: reported.append(step))
    assert [what for what, done, total in reported if done == total] == [
        "Formatted storage",
        "Start-up archive",
    ]
    assert installation.stands()
    assert _archive().is_whole()
    with join("a test") as seat:
        assert f"-XX:AOTCache={_archive().path}" in _command(home)
        assert not refused(seat.log_path)
        seat.end()


def _command(home: Path) -> list[str]:
    return next(one.cmdline() for one in processes_of(home) if "kafka.Kafka" in one.cmdline())


@pytest.mark.long
def test_a_warm_up_that_is_killed_leaves_no_process(home, cache, offline):
    """kill -9 in the middle of the training: the broker it ran ends too; the next one sweeps."""
    _archive().drop()
    script = "from eventlab.broker import prepare; prepare()"
    process = subprocess.Popen([sys.executable, "-c", script])
    root = installation.installation().root
    until(lambda: [one for one in processes_of(cache) if "kafka.Kafka" in one.cmdline()])
    process.kill()
    process.wait()
    until(lambda: not processes_of(cache), seconds=60)  # writing the archive is not cut short
    assert [*root.glob("making-*")]
    installation._sweep(cache)
    assert not [*root.glob("making-*")]


@pytest.mark.parametrize("damage", ["empty", "truncated", "changed"])
def test_a_damaged_archive_is_made_again(home, cache, offline, copied, damage):
    """What is seen at a glance is dropped before a broker is started with it."""
    path = _archive().path
    whole = path.read_bytes()
    content = {"empty": b"", "truncated": whole[:1_000_000], "changed": b"\0" * len(whole)}
    path.write_bytes(content[damage])
    os.utime(path, (1, 1))
    assert not installation.stands()
    prepare()
    assert len(copied) == 1
    assert installation.stands()
    assert path.read_bytes() == whole


@pytest.mark.long
def test_an_archive_that_the_jvm_refuses_is_dropped(home, cache, offline, copied):
    """Damage that hides its time: Kafka runs without it, and the next start makes it again."""
    path = _archive().path
    _hide(path, b"\xff" * 64 + path.read_bytes()[64:])
    assert installation.stands()
    with join("a test") as seat:
        assert seat.status == "running"
        assert refused(seat.log_path)
        assert not path.exists()
        seat.end()
    prepare()
    assert len(copied) == 1


@pytest.mark.long
def test_an_archive_that_kills_the_jvm_is_made_again_at_once(home, cache, offline, copied):
    """Damage that hides its time and breaks the start: the start mends it and goes on."""
    path = _archive().path
    whole = path.read_bytes()
    _hide(path, whole[:65536] + b"\xff" * (len(whole) - 65536))
    with join("a test") as seat:
        assert seat.status == "running"
        seat.end()
    assert len(copied) == 1
    assert installation.stands()


@pytest.mark.long
def test_a_jar_whose_damage_hides_is_mended_when_the_start_fails(home, cache, monkeypatch):
    """Same size and time of change, and Kafka cannot start: that jar is fetched again."""
    _archive().drop()  # with it the classes would come from there
    monkeypatch.setattr(installation, "_make_archive", lambda *_args: None)
    folder = kafka_jars().folder
    (jar,) = [jar for jar in kafka_jars().locked() if "kafka_2.13" in jar.coordinate]
    saved = shutil.copy2(folder / jar.file_name, folder.parent / "saved")
    _hide(folder / jar.file_name, b"\0" * jar.size)
    fetched = []

    def resolve(asked, incoming: Path) -> Path:
        fetched.append(asked)
        return Path(shutil.copy(saved, incoming / asked.file_name))

    monkeypatch.setattr(jars, "_from_maven", lambda: resolve)
    with join("a test") as seat:
        assert seat.status == "running"
        seat.end()
    assert fetched == [jar]
    assert kafka_jars().damaged() == []


@pytest.mark.long
def test_a_damaged_template_is_made_again(home, cache, offline):
    """A template that is not what was formatted is seen before a log is copied from it."""
    template = installation.installation().template
    (template / "meta.properties").write_text("damaged", encoding="utf-8")
    assert not installation.stands()
    prepare()
    assert "node.id=1" in (template / "meta.properties").read_text(encoding="utf-8")
    assert installation.stands()
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in template.rglob("*"))


@pytest.mark.long
def test_a_cluster_s_id_may_begin_with_a_hyphen(home, cache, offline, monkeypatch):
    """One random id in 64 does."""
    monkeypatch.setattr(installation, "_cluster_id", lambda: "-" + "A" * 21)
    template = installation.installation().template
    (template / "meta.properties").unlink()
    prepare()
    assert f"cluster.id=-{'A' * 21}" in (template / "meta.properties").read_text(encoding="utf-8")


# -- folders that cannot be written -------------------------------------------------------------


@pytest.mark.parametrize("part", [".", "cache", "data"])
def test_a_read_only_home_is_one_error(tmp_path, monkeypatch, part, offline):
    """Whether all of it, only the cache or only the data: one error that names the variable."""
    home = tmp_path / "home"
    (home / part).mkdir(parents=True)
    if part == "data":
        (home / "cache").symlink_to(_shared_cache(), target_is_directory=True)
    monkeypatch.setenv("EVENTLAB_HOME", str(home))
    with read_only(home / part), pytest.raises(StorageError) as caught:
        join("a test")
    assert "cannot be written" in str(caught.value)
    assert "EVENTLAB_HOME" in caught.value.remedy
    assert processes_of(home) == []


def _shared_cache() -> Path:
    return Path(os.environ["EVENTLAB_HOME"], "cache").resolve()


@pytest.mark.parametrize("home_is", ["a file", "below a file"])
def test_a_home_that_is_no_folder_is_one_error(tmp_path, monkeypatch, home_is):
    """A file where the home should be is reported like a folder that cannot be written."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    home = tmp_path / "file" if home_is == "a file" else tmp_path / "file" / "home"
    monkeypatch.setenv("EVENTLAB_HOME", str(home))
    with pytest.raises(StorageError, match="EVENTLAB_HOME"):
        join("a test")


@pytest.mark.parametrize("archive", ["there", pytest.param("missing", marks=pytest.mark.long)])
def test_a_read_only_cache_that_suffices_is_used(home, cache, offline, archive):
    """A shared installation, or an image: it works as it is, only slower without an archive."""
    if archive == "missing":
        _archive().drop()
    (cache / "java.json").unlink(missing_ok=True)
    os.utime(_archive().path if archive == "there" else cache, (1, 1))
    with read_only(cache), join("a test") as seat:
        assert seat.status == "running"
        assert any("AOTCache" in word for word in _command(home)) == (archive == "there")
        seat.end()


def test_a_home_that_java_cannot_use_is_one_error(tmp_path, monkeypatch):
    """A colon would cut the class path in two."""
    monkeypatch.setenv("EVENTLAB_HOME", str(tmp_path / f"a{os.pathsep}b"))
    with pytest.raises(SetupError, match=r"without '.' in its name"):
        prepare()


# -- full disks ---------------------------------------------------------------------------------


def _jars_on(disk: Path, suite: Path) -> None:
    folder = disk / "cache" / f"kafka-{distribution.VERSION}" / "jars"
    shutil.copytree(suite / f"kafka-{distribution.VERSION}" / "jars", folder)


@needs_mount
@pytest.mark.parametrize(("stage", "kilobytes"), [("template", 0), ("archive", 4_000)])
def test_a_full_disk_while_something_is_made_is_one_error(tmp_path, monkeypatch, stage, kilobytes):
    """No space for the template, or for the archive: the same error, and nothing half made."""
    suite = _shared_cache()
    size = 44_800 + kilobytes
    with small_disk(tmp_path / "home", size) as disk:
        _jars_on(disk, suite)
        if stage == "template":
            _fill(disk)
        monkeypatch.setenv("EVENTLAB_HOME", str(disk))
        with pytest.raises(StorageError, match=r"is full.*EVENTLAB_HOME"):
            prepare()
        until(lambda: not processes_of(disk))
        root = installation.installation().root
        assert not [*root.glob("making-*")]
        assert installation.installation().template.exists() == (stage == "archive")
        assert not _archive().path.exists()


def _fill(disk: Path) -> None:
    with (disk / "filler").open("wb", buffering=0) as filler:
        try:
            while filler.write(b"\0" * 4096):
                pass
        except OSError:
            return


@pytest.mark.long
@needs_mount
def test_a_full_disk_below_the_data_is_one_error_until_there_is_space(home):
    """Nothing can be written at all; when space is made the same call works."""
    with small_disk(home / "data", 4_000) as disk:
        _fill(disk)
        with pytest.raises(StorageError, match=r"is full.*EVENTLAB_HOME"):
            join("a test")
        until(lambda: not processes_of(home))
        (disk / "filler").unlink()
        with join("a test") as seat:
            assert seat.status == "running"
            seat.end()
        until(lambda: not processes_of(home))


@pytest.mark.long
@needs_mount
def test_a_disk_that_fills_up_under_a_running_broker_is_reported(home):
    """Kafka gives up; the reason and the error say that the disk is full, and no data is moved."""
    with small_disk(home / "data", 8_000) as disk, join("a test") as seat:
        acknowledged = sent_to(seat, "full")
        _fill(disk)
        until(lambda: seat.status == "stopped")
        assert seat.reason == "it ended with status 1: No space left on device"
        with pytest.raises(StorageError, match=r"is full.*EVENTLAB_HOME"):
            seat.start()
        (disk / "filler").unlink()
        assert not [*disk.glob("kafka-set-aside-*")]
        seat.start()
        assert acknowledged <= values_in(seat, "full")
        seat.end()
        until(lambda: not processes_of(home))


def test_what_is_injected_as_a_full_disk_is_the_same_error(home, cache, monkeypatch, offline):
    """Where no small disk can be mounted: the system's own error at each stage."""

    def full(*_args, **_named):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for stage in ("_write_logging", "_make_template", "_make_archive"):
        _archive().drop()
        with monkeypatch.context() as patch:
            patch.setattr(installation, stage, full)
            with pytest.raises(StorageError, match=r"is full.*EVENTLAB_HOME"):
                prepare()


def test_two_who_prepare_at_once_make_it_once(home, cache, offline, copied):
    """The second waits for the first and finds everything there."""
    _archive().drop()
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(prepare), pool.submit(prepare)]:
            assert done.result(60).archive.stands()
    assert len(copied) == 1


@pytest.mark.long
def test_only_the_newest_archives_are_kept(home, cache, offline, copied):
    """Each Java ever used would leave 70 MB: the oldest go."""
    root = installation.installation().root
    for other in set(root.glob("start-*.archive")) - {_archive().path}:
        other.unlink()  # of the other Java that this machine may have
    for number in range(5):
        old = root / f"start-{number}.archive"
        old.write_text("old", encoding="utf-8")
        os.utime(old, (number, number))
    _archive().drop()
    prepare()
    kept = {path.name for path in root.glob("start-*.archive")}
    assert kept == {_archive().path.name, "start-4.archive", "start-3.archive"}


def test_a_failure_of_java_is_one_error(home, cache, offline, monkeypatch):
    """When formatting fails for a reason of its own, that reason is reported."""
    monkeypatch.setattr(configuration, "_SMALL", {"num.io.threads": "two"})
    (installation.installation().template / "meta.properties").unlink()
    with pytest.raises(
        BrokerError, match=r"Formatting the log's storage failed: .*found .*Invalid value two"
    ):
        prepare()


def test_a_fetch_goes_on_where_the_last_one_ended(home, cache, offline):
    """Jars that are there are never asked for, though others are missing."""
    name = kafka_jars().locked()[3].file_name
    (kafka_jars().folder / name).unlink()
    with pytest.raises(DownloadError, match=f"{name} was asked for"):
        kafka_jars().fetch()
