"""Starting a supervisor, and what is said when that fails (its life: test_supervisor)."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from eventlab.broker import supervision
from eventlab.broker.plan import NodePlan, Plan
from eventlab.broker.supervision import supervise
from eventlab.errors import BrokerError, StorageError


@pytest.fixture
def plan(tmp_path) -> Plan:
    """Return a plan whose folder exists and whose broker never gets to start."""
    command = [sys.executable, "-c", ""]
    node = NodePlan(str(tmp_path), command, str(tmp_path / "none"))
    return Plan(str(tmp_path), [node], dict(os.environ), "t", 0.1)


@pytest.fixture
def program(monkeypatch):
    """Return what lets a script run in the place of the supervisor."""
    spawn = subprocess.Popen

    def replace(script: str) -> None:
        def popen(_command, **options):
            return spawn([sys.executable, "-c", script], **options)

        monkeypatch.setattr(subprocess, "Popen", popen)

    return replace


def test_one_that_says_nothing_is_one_error(plan, program):
    """A supervisor that ends at once, before it reads, is reported with its status and its log."""
    program("import sys; sys.exit('its last words')")
    with pytest.raises(BrokerError, match=r"did not start: .*found status 1\. Look at") as caught:
        supervise(plan)
    log = Path(plan.folder, "supervisor.log")
    assert str(log) in caught.value.remedy
    assert "its last words" in log.read_text(encoding="utf-8")


def test_what_the_system_refuses_is_reported_as_such(plan, program):
    """A full disk that only the supervisor met becomes the one error of a full disk."""
    program(
        "from eventlab.processes.owner import Owner\n"
        f"Owner().send({{'errno': {errno.ENOSPC}, 'strerror': 'x'}})"
    )
    with pytest.raises(StorageError, match="is full"):
        supervise(plan)


def test_its_log_does_not_grow_for_ever(plan, program, monkeypatch, tmp_path):
    """What earlier supervisors said is dropped when it is long."""
    monkeypatch.setattr(supervision, "_LOG_BYTES", 100)
    log = tmp_path / "supervisor.log"
    program("import sys; sys.exit('new')")
    for old, kept in (("x" * 99, True), ("x" * 101, False)):
        log.write_text(old, encoding="utf-8")
        with pytest.raises(BrokerError):
            supervise(plan)
        assert (old in log.read_text(encoding="utf-8")) is kept
        assert log.read_text(encoding="utf-8").endswith("new\n")


def test_a_module_of_the_learners_is_not_taken_for_the_librarys(plan, tmp_path):
    """A json.py in the folder does not keep the supervisor from starting."""
    (tmp_path / "json.py").write_text("raise SystemExit('mine')", encoding="utf-8")
    assert supervise(plan) > 0


def test_it_needs_the_standard_library_only():
    """What the supervisor imports of ours imports nothing that is installed."""
    script = "import eventlab.broker.supervisor, sys; print(*sys.modules)"
    command = [sys.executable, "-c", script]
    modules = subprocess.run(
        command, capture_output=True, encoding="utf-8", check=True
    ).stdout.split()
    plain = [sys.executable, "-c", "import sys; print(*sys.modules)"]
    known = subprocess.run(plain, capture_output=True, encoding="utf-8", check=True).stdout.split()
    tops = {name.partition(".")[0] for name in set(modules) - set(known)}
    assert tops - sys.stdlib_module_names == {"eventlab"}
