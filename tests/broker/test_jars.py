"""Jars: fetched, compared with the lock, fetched again when they are not what it says."""

import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from eventlab.broker import jars
from eventlab.broker.jars import Jar, Jars
from eventlab.errors import DownloadError, StorageError
from tests.broker.homes import can_mount, small_disk
from tests.waiting import until

pytestmark = pytest.mark.processes


@pytest.fixture
def published(tmp_path) -> Path:
    """Return a folder that stands for the repository, with three small jars."""
    folder = tmp_path / "published"
    folder.mkdir()
    for number in range(3):
        (folder / f"part{number}-1.0.jar").write_bytes(bytes([number]) * 1000)
    return folder


@pytest.fixture
def ours(published, tmp_path) -> Jars:
    """Return the jars of `published` by their lock; none is there yet."""
    lock = tmp_path / "test.lock"
    lines = [
        f"org.test:{path.stem.removesuffix('-1.0')}:1.0 {jars._digest(path)} 1000\n"
        for path in sorted(published.iterdir())
    ]
    lock.write_text("".join(lines), encoding="utf-8")
    return Jars("A program", lock, tmp_path / "home" / "cache" / "program-1.0" / "jars")


@pytest.fixture
def resolve(published):
    """Return what fetches from `published`."""

    def copy(jar: Jar, incoming: Path) -> Path:
        return Path(shutil.copy(published / jar.file_name, incoming))

    return copy


def _refuse(jar: Jar, incoming: Path) -> Path:
    raise AssertionError(f"{jar.file_name} was fetched although it is there")


def _only(part: str, resolve):
    return lambda jar, folder: (resolve if part in jar.file_name else _refuse)(jar, folder)


def _left(ours: Jars) -> list[Path]:
    return [*ours.folder.parent.glob("incoming-*")]


def test_what_is_missing_arrives_and_what_is_there_stays(ours, resolve):
    """The first fetch brings all, with progress; the next fetches nothing."""
    reported = []
    assert len(ours.missing()) == 3
    ours.fetch(lambda *step: reported.append(step), resolve)
    assert ours.missing() == ours.damaged() == []
    assert [done for _, done, _ in reported] == [0, 1000, 2000, 3000]
    assert {total for *_, total in reported} == {3000}
    ours.fetch(resolve=_refuse)
    assert _left(ours) == []


def test_every_jar_has_the_same_time_of_change(ours, resolve):
    """An archive of the JVM is bound to these times, on each machine and after each fetch."""
    ours.fetch(resolve=resolve)
    times = {path.stat().st_mtime for path in ours.folder.iterdir()}
    assert times == {jars._MODIFIED_SECONDS}


def test_the_class_path_is_in_the_locks_order(ours, resolve):
    """The order decides whether an archive fits."""
    names = [Path(path).name for path in ours.class_path()]
    assert names == ["part0-1.0.jar", "part1-1.0.jar", "part2-1.0.jar"]


@pytest.mark.parametrize("damage", [b"x" * 1000, b"\x01" * 999, b""])
def test_a_jar_that_was_tampered_with_is_fetched_again(ours, resolve, damage):
    """Same size, truncated or empty: the jar is replaced, the others are left."""
    ours.fetch(resolve=resolve)
    path = ours.folder / "part1-1.0.jar"
    path.write_bytes(damage)
    assert [jar.file_name for jar in ours.missing()] == ["part1-1.0.jar"]
    ours.fetch(resolve=_only("part1", resolve))
    assert ours.damaged() == []


def test_a_change_that_hides_its_time_is_seen_by_reading_whole(ours, resolve):
    """Same size and time of change: the quick look misses it, the doctor's does not."""
    ours.fetch(resolve=resolve)
    path = ours.folder / "part1-1.0.jar"
    path.write_bytes(b"x" * 1000)
    jars._stamp(path)
    assert ours.missing() == []
    assert [jar.file_name for jar in ours.damaged()] == ["part1-1.0.jar"]
    ours.drop(ours.damaged())
    ours.fetch(resolve=resolve)
    assert ours.damaged() == []


def test_a_jar_that_was_only_touched_is_kept(ours, resolve):
    """A copy of another machine's cache has other times: it is read, and taken as it is."""
    ours.fetch(resolve=resolve)
    path = ours.folder / "part1-1.0.jar"
    path.touch()
    ours.fetch(resolve=_refuse)
    assert path.stat().st_mtime == jars._MODIFIED_SECONDS


@pytest.mark.parametrize("sent", [b"x" * 1000, b"\x01" * 500])
def test_what_is_not_as_published_is_not_kept(ours, resolve, published, sent):
    """A wrong or truncated download is one error with both, and the next one can succeed."""
    whole = (published / "part1-1.0.jar").read_bytes()
    (published / "part1-1.0.jar").write_bytes(sent)
    with pytest.raises(DownloadError) as caught:
        ours.fetch(resolve=resolve)
    assert "part1-1.0.jar is not the file that was published" in str(caught.value)
    assert "1000 bytes" in caught.value.expected
    assert f"{len(sent)} bytes" in caught.value.found
    assert not (ours.folder / "part1-1.0.jar").exists()
    until(lambda: _left(ours) == [])
    (published / "part1-1.0.jar").write_bytes(whole)
    ours.fetch(resolve=resolve)
    assert ours.damaged() == []


def test_an_interrupt_does_not_wait_for_the_other_downloads(ours, resolve):
    """Ctrl-C ends the fetch at once, though a server has not answered, and what came is kept."""
    never = threading.Event()
    before = set(threading.enumerate())

    def slow(jar: Jar, incoming: Path) -> Path:
        if "part2" in jar.file_name:
            never.wait(60)
            incoming.mkdir(exist_ok=True)  # jgo makes what it writes to
        return resolve(jar, incoming)

    def interrupt(_what: str, done: int, _total: int) -> None:
        if done == 2000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ours.fetch(interrupt, slow)
    assert not never.is_set()
    assert _left(ours) == []
    never.set()
    # Those that the fetch has made; what earlier tests have left may end meanwhile.
    until(lambda: _left(ours) == [] and set(threading.enumerate()) <= before)
    assert len(ours.missing()) == 1
    ours.fetch(resolve=resolve)
    assert ours.missing() == []


def test_a_process_killed_in_the_middle_leaves_nothing_in_the_way(ours, resolve, tmp_path):
    """kill -9 during the download: the next one goes on with what is missing."""
    script = (
        "import shutil, sys, time\n"
        "from pathlib import Path\n"
        "from eventlab.broker.jars import Jars\n"
        "published, lock, folder = map(Path, sys.argv[1:])\n"
        "def resolve(jar, incoming):\n"
        "    part = incoming / jar.file_name\n"
        "    if 'part2' in jar.file_name:\n"
        "        part.write_bytes(b'half')\n"
        "        print('half', flush=True)\n"
        "        time.sleep(60)\n"
        "    return Path(shutil.copy(published / jar.file_name, incoming))\n"
        "Jars('A program', lock, folder).fetch(resolve=resolve)\n"
    )
    paths = [str(tmp_path / "published"), str(ours.lock), str(ours.folder)]
    command = [sys.executable, "-c", script, *paths]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8")
    assert process.stdout.readline() == "half\n"
    until(lambda: len(ours.missing()) == 1)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    ours.fetch(resolve=_only("part2", resolve))
    assert ours.damaged() == []


def _no_space(jar: Jar, incoming: Path) -> Path:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_one_error(ours, resolve):
    """No space while a jar arrives: the error names the disk and the variable that helps."""
    with pytest.raises(StorageError, match=r"is full: expected about 300 MB.*EVENTLAB_HOME"):
        ours.fetch(resolve=_no_space)
    until(lambda: _left(ours) == [])


@pytest.mark.skipif(not can_mount(), reason="only root can mount a small disk")
def test_a_disk_that_fills_up_is_one_error(ours, resolve, tmp_path):
    """The real thing: a disk too small for the jars, which stays usable afterwards."""
    with small_disk(tmp_path / "home", 8) as disk:
        with pytest.raises(StorageError, match="EVENTLAB_HOME"):
            ours.fetch(resolve=resolve)
        until(lambda: _left(ours) == [])
        assert [*disk.rglob("*.part")] == []


def _closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_no_network_is_one_error(ours, resolve, monkeypatch):
    """jgo against a port where nobody listens: what was wanted from where, and no password."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv(jars.MIRROR, f"http://me:secret@127.0.0.1:{_closed_port()}/maven/")
    with pytest.raises(DownloadError) as caught:
        ours.fetch()
    assert "could not be fetched: expected the file from the mirror 127.0.0.1" in str(caught.value)
    assert caught.value.found == "ConnectionError"
    assert "secret" not in str(caught.value)
    until(lambda: _left(ours) == [])


@pytest.fixture
def mirror(published, tmp_path, monkeypatch):
    """Return the folder that a real HTTP server on loopback serves as a Maven repository."""
    import functools
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    class Silent(SimpleHTTPRequestHandler):
        def log_message(self, *_args):
            """Say nothing."""

    root = tmp_path / "mirror"
    root.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Silent, directory=root))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv(jars.MIRROR, f"http://127.0.0.1:{server.server_port}/")
    yield root
    server.shutdown()
    server.server_close()


def test_a_mirror_serves_in_place_of_maven_central(ours, resolve, published, mirror):
    """EVENTLAB_MAVEN_MIRROR names a Maven repository, with or without a slash at its end."""
    for path in published.iterdir():
        folder = mirror / "org" / "test" / path.stem.removesuffix("-1.0") / "1.0"
        folder.mkdir(parents=True)
        shutil.copy(path, folder)
    ours.fetch()
    assert ours.damaged() == []


def test_a_mirror_without_the_file_is_one_error(ours, resolve, mirror):
    """An answer that is not the file is reported as such."""
    with pytest.raises(DownloadError, match="found an answer without it"):
        ours.fetch()
