"""Apache Flink as a lab has it: on request, one at a time, and ended with the lab."""

import subprocess
import sys

import pytest

from eventlab.errors import ServiceError, SetupError, UsageError
from eventlab.flink import gateway, installing
from tests.flink.conftest import java  # noqa: F401  the program that stands for Flink

pytestmark = pytest.mark.broker

UNTOUCHED = """
import sys
import eventlab.lab
print([name for name in sys.modules if name.startswith("eventlab.flink")])
"""


@pytest.fixture
def installed(java, monkeypatch):  # noqa: F811
    """Let its jars be there, and the memory."""
    monkeypatch.setattr(installing, "_lack_of_jars", lambda: None)
    monkeypatch.setattr(installing, "_lack_of_memory", lambda: None)
    monkeypatch.setattr(installing, "install", lambda _progress: None)


@pytest.mark.usefixtures("installed")
def test_it_says_what_it_costs_and_is_there_until_the_lab_closes(lab, capsys):
    """A second call gives the same one, and says nothing again."""
    capsys.readouterr()
    flink = lab.flink()
    assert capsys.readouterr().out == f"{installing.cost()}\n"
    assert lab.flink() is flink
    assert capsys.readouterr().out == ""
    lab.new_topic("orders")
    assert f"'topic' = '{lab.name('orders')}'" in flink.table("orders", "cents INT")
    assert f"'{lab.kafka['bootstrap.servers']}'" in flink.table("orders", "cents INT")
    lab.close()
    assert not flink.is_alive
    with pytest.raises(ServiceError, match="its lab was closed"):
        flink.sql("SELECT 1")


@pytest.mark.usefixtures("installed")
def test_one_that_has_ended_is_started_again(lab):
    """Whatever ended it."""
    flink = lab.flink()
    flink.stop()
    again = lab.flink()
    assert again is not flink
    assert again.sql("SELECT 2").n.tolist() == [2]


def test_without_a_yes_it_is_not_installed(lab, monkeypatch, capsys):
    """One sentence says what it costs and how to say yes; nothing starts."""
    lack = SetupError("Flink is not installed", expected="it", found="none", remedy="Install it.")
    monkeypatch.setattr(installing, "_lack_of_jars", lambda: lack)
    monkeypatch.setattr(installing, "_lack_of_memory", lambda: None)
    monkeypatch.setattr(gateway, "spawn", None)
    capsys.readouterr()
    with pytest.raises(SetupError, match="is not installed"):
        lab.flink()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("wrong", ["yes", 1, None])
def test_a_yes_is_true(lab, wrong, monkeypatch):
    """Nothing is downloaded for a slip."""
    monkeypatch.setattr(installing, "install", None)
    with pytest.raises(UsageError, match="install is not valid"):
        lab.flink(install=wrong)


def test_nothing_of_it_is_imported_before():
    """A lab that does not ask for it takes no time for it."""
    done = subprocess.run(
        [sys.executable, "-c", UNTOUCHED], capture_output=True, text=True, encoding="utf-8"
    )
    assert done.stdout.strip() == "[]", done.stderr
