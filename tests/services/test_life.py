"""A life of a service whose process says what a test wants."""

import tempfile
import threading
from queue import SimpleQueue
from typing import Any

import pytest

from eventlab.errors import ServiceError
from eventlab.services import life as life_module
from eventlab.services.life import ProcessLife
from eventlab.services.plan import STOP, Failed, Ready, Trouble


class Said:
    """A child that says what it is given, and does nothing by itself."""

    def __init__(self, *frames: Any) -> None:
        self.commands: list[Any] = []
        self._frames = frames
        self._ends: SimpleQueue[int] = SimpleQueue()

    def listen(self, name: str, on_frame: Any, on_end: Any) -> None:
        def run() -> None:
            for frame in self._frames:
                on_frame(frame)
            on_end(self._ends.get(), None)

        threading.Thread(target=run, daemon=True).start()

    def send(self, plan: object) -> None:
        self.commands.append(plan)

    def command(self, command: bytes) -> None:
        self.commands.append(command)

    def suspend(self) -> None:
        self.commands.append("suspend")

    def resume(self) -> None:
        self.commands.append("resume")

    def kill(self) -> None:
        self.end(-9)

    def end(self, status: int) -> None:
        self._ends.put(status)


def failure(words: str) -> ServiceError:
    return ServiceError(words, expected="a", found="b", remedy="C.")


def life_of(child: Said) -> ProcessLife:
    output = tempfile.TemporaryFile("ab+", buffering=0)  # noqa: SIM115  its Life has it
    return ProcessLife("shop", child, output)


def begun(*frames: Any) -> tuple[ProcessLife, Said]:
    child = Said(*frames)
    life = life_of(child)
    life.begin("the plan")
    return life, child


def test_it_is_up_when_it_says_so():
    """It has got its plan, and what it prints can be read."""
    life, child = begun(Ready())
    assert (life.state, child.commands, life.error) == ("up", ["the plan"], None)
    life._output.write(b"x" * 30_000 + "é".encode())
    assert len(life.output()) == 20_000 - 1
    assert life.output().endswith("xé")
    life.close()
    life.close()
    assert life.output() == ""


def test_what_fails_in_it_is_counted_and_kept():
    """It goes on, and the last of them is its error."""
    troubles = [Trouble(failure("one")), Trouble(failure("two"), times=3)]
    life, child = begun(*troubles, Ready())
    assert (life.state, life.failures, life.error) == ("up", 4, troubles[1].error)
    child.end(0)
    assert life.has_ended.wait(10)
    assert "status 0" in str(life.error)


def test_what_ended_it_is_its_error():
    """As it has said itself."""
    end = Failed(failure("the end"))
    child = Said(Trouble(failure("one")), end)
    child.end(1)
    life = life_of(child)
    with pytest.raises(ServiceError, match="the end"):
        life.begin("the plan")
    assert (life.state, life.error) == ("failed", end.error)


def test_one_that_never_says_that_it_is_up_is_ended(monkeypatch):
    """And raises, in place of a wait for ever."""
    monkeypatch.setattr(life_module, "_START_SECONDS", 0.01)
    child = Said()
    life = life_of(child)
    with pytest.raises(ServiceError, match=r"did not start.*found none in 0\.01 s"):
        life.begin("the plan")
    assert life.has_ended.is_set()


def test_one_that_does_not_stop_is_killed(monkeypatch):
    """It was asked; a second stop, and a kill, find nothing to do."""
    monkeypatch.setattr(life_module, "_STOP_SECONDS", 0.01)
    life, child = begun(Ready())
    life.stop()
    life.stop()
    life.kill()
    life.ask_to_stop()
    assert life.state == "stopped"
    assert child.commands == ["the plan", "resume", STOP]


def test_a_frozen_one_is_frozen_once():
    """Twice is no more, nor is it after its end."""
    life, child = begun(Ready())
    life.resume()
    life.suspend()
    life.suspend()
    assert life.state == "frozen"
    life.resume()
    life.resume()
    assert life.state == "up"
    assert child.commands == ["the plan", "suspend", "resume"]
    life.suspend()
    life.kill()
    life.suspend()
    life.resume()
    assert (life.state, child.commands[3:]) == ("killed", ["suspend"])
