"""Flink's process as the notebook sees it."""

import psutil
import pytest

from eventlab.errors import ServiceError, StorageError
from eventlab.flink.gateway import Gateway
from eventlab.folders import data_folder
from tests.waiting import until

pytestmark = [pytest.mark.processes, pytest.mark.usefixtures("home", "java")]


def pid_of(gateway: Gateway) -> int:
    """The id of the program itself."""
    (program,) = psutil.Process(gateway._child.pid).children()
    return program.pid


def test_it_starts_and_ends():
    """Stopped twice it is harmless, and nothing of it stays."""
    gateway = Gateway()
    assert not gateway.is_alive
    gateway.start()
    assert gateway.is_alive
    assert gateway.url.startswith("http://127.0.0.1:")
    pid = pid_of(gateway)
    gateway.stop()
    gateway.stop()
    assert not gateway.is_alive
    assert not psutil.pid_exists(pid)
    assert list(data_folder().glob("flink/run-*")) == []
    assert "found it was stopped, or its lab was closed" in str(gateway.gone())


def test_killed_from_outside_it_says_so():
    """Who asks next learns why."""
    gateway = Gateway()
    gateway.start()
    psutil.Process(pid_of(gateway)).kill()
    until(lambda: not gateway.is_alive)
    assert "found it was ended by signal 9" in str(gateway.lost("refused"))
    gateway.stop()


def test_a_request_that_failed_while_it_lives_is_another_error():
    """It may answer the next one."""
    gateway = Gateway()
    gateway.start()
    error = gateway.lost("timed out")
    gateway.stop()
    assert "does not answer" in str(error)
    assert "found timed out" in str(error)


def test_one_that_does_not_start_is_one_error(monkeypatch):
    """With the reason that its log has, and nothing left."""
    monkeypatch.setenv("FAKE_FLINK", "fails")
    gateway = Gateway()
    with pytest.raises(ServiceError, match=r"Flink did not start.*BindException"):
        gateway.start()
    assert list(data_folder().glob("flink/run-*")) == []


def test_one_that_says_nothing_is_given_up(monkeypatch):
    """After a time that is short here."""
    from eventlab.flink import gateway as module

    monkeypatch.setenv("FAKE_FLINK", "nothing")
    monkeypatch.setattr(module, "START_SECONDS", 0.0)
    monkeypatch.setattr(module, "_STOP_SECONDS", 2.0)
    gateway = Gateway()
    with pytest.raises(ServiceError, match="found no answer within 0 s"):
        gateway.start()
    assert not gateway.is_alive
    assert list(data_folder().glob("flink/run-*")) == []


def test_a_folder_that_cannot_be_made_is_one_error(home):
    """A file is where the data should be."""
    home.mkdir()
    (home / "data").write_text("", encoding="utf-8")
    with pytest.raises(StorageError):
        Gateway().start()
