"""What Flink needs and costs: said before anything is done, and nothing half done."""

import shutil
import socket
from pathlib import Path

import pytest

from eventlab.broker import jars
from eventlab.errors import DownloadError, SetupError
from eventlab.flink import installing
from eventlab.flink.installing import cost, flink_jars, install, require, why_not

_PLENTY = 8_000_000_000


@pytest.fixture(autouse=True)
def _with_memory(home, monkeypatch):
    monkeypatch.setattr(installing, "free_memory", lambda: _PLENTY)


@pytest.fixture
def published(tmp_path, monkeypatch) -> Path:
    """Return a folder that stands for the repository, with two small jars of a lock."""
    folder = tmp_path / "published"
    folder.mkdir()
    lock = tmp_path / "flink.lock"
    with lock.open("w", encoding="utf-8") as file:
        for number in range(2):
            path = folder / f"part{number}-1.0.jar"
            path.write_bytes(bytes([number]) * 1000)
            file.write(f"org.test:part{number}:1.0 {jars._digest(path)} 1000\n")
    monkeypatch.setattr(installing, "LOCK", lock)

    def copy(jar, incoming: Path) -> Path:
        return Path(shutil.copy(folder / jar.file_name, incoming))

    monkeypatch.setattr(jars, "_from_maven", lambda: copy)
    return folder


def test_the_lock_is_whole():
    """52 jars, each with a sha256 and a size, 159 MB in all; the connector to Kafka among them."""
    locked = flink_jars().locked()
    names = {jar.file_name for jar in locked}
    assert len(names) == 52
    assert sum(jar.size for jar in locked) == 159_306_329
    assert all(len(jar.sha256) == 64 for jar in locked)
    assert f"flink-sql-gateway-{installing.VERSION}.jar" in names
    assert [name for name in names if name.startswith("flink-sql-connector-kafka")]


def test_what_it_costs_is_the_lock_s():
    """Megabytes to download, memory, seconds."""
    assert "159 MB to download" in cost()
    assert "500 MB of memory" in cost()
    assert "seconds" in cost()


def test_without_a_yes_nothing_is_installed(published):
    """The error says what it costs and how to say yes, and nothing was made."""
    with pytest.raises(
        SetupError, match=r"is not installed.*found 0 of them.*install=True"
    ) as caught:
        require(install=False)
    assert cost() in str(caught.value)
    assert why_not() == str(caught.value)
    assert not flink_jars().folder.exists()


def test_with_a_yes_it_is_there_for_good(published):
    """The next time nobody has to say so again."""
    require(install=True)
    install()
    assert flink_jars().damaged() == []
    require(install=False)
    assert why_not() == ""


def test_what_is_there_is_not_fetched_again(published, monkeypatch):
    """Nor is the folder written to, which another user may own."""
    install()
    monkeypatch.setattr(jars, "_from_maven", None)
    monkeypatch.setattr(installing, "alone", None)
    install()


def test_another_file_than_was_published_is_not_kept(published):
    """The other jars stay, and the error of the next start says how many there are."""
    (published / "part1-1.0.jar").write_bytes(b"x" * 1000)
    with pytest.raises(DownloadError, match=r"part1-1\.0\.jar is not the file that was published"):
        install()
    assert "part1-1.0.jar" not in {path.name for path in flink_jars().folder.iterdir()}
    assert "is not installed" in why_not()


def test_no_network_is_one_error(home, monkeypatch):
    """Nothing is there afterwards that looks like a Flink."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv(jars.MIRROR, f"http://127.0.0.1:{port}/maven/")
    with pytest.raises(DownloadError, match="could not be fetched: expected the file from"):
        install()
    assert len(flink_jars().missing()) == 52


def test_too_little_memory_is_said_first(published, monkeypatch):
    """Whether it is installed or not: nothing is downloaded that could not start."""
    monkeypatch.setattr(installing, "free_memory", lambda: 1_400_000_000)
    for says_yes in (True, False):
        with pytest.raises(SetupError, match=r"too little memory.*1500 MB free, found 1400 MB"):
            require(install=says_yes)
    assert "too little memory" in why_not()
