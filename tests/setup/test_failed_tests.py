import json
import subprocess
import sys

import pytest

from tests.structure.files import ROOT

pytestmark = pytest.mark.processes

SCRIPT = ROOT / ".ci" / "failed_tests.py"

TESTS = """
import pathlib, pytest

@pytest.mark.xdist_group("browser")
@pytest.mark.parametrize("page", ["a b", "me@home"])
def test_page(page):
    seen = pathlib.Path(__file__).with_name("seen")
    if not seen.exists():
        seen.touch()
        assert False

def test_alone():
    pass
"""


@pytest.fixture
def project(tmp_path):
    """A project with the script, in which pytest has not run."""
    (tmp_path / ".ci").mkdir()
    text = SCRIPT.read_text(encoding="utf-8")
    (tmp_path / ".ci" / SCRIPT.name).write_text(text, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    (tmp_path / "test_pages.py").write_text(TESTS, encoding="utf-8")
    return tmp_path


def run(project, *command):
    """Run a program of Python in the project."""
    return subprocess.run(
        [sys.executable, *command], cwd=project, capture_output=True, encoding="utf-8"
    )


def record(project, *names):
    """Write down what pytest has seen fall."""
    place = project / ".pytest_cache/v/cache"
    place.mkdir(parents=True)
    text = json.dumps(dict.fromkeys(names, True))
    (place / "lastfailed").write_text(text, encoding="utf-8")


def test_what_fell_among_others_is_run_again_by_its_name(project):
    """By pytest itself, which takes the names from a file."""
    first = run(project, "-m", "pytest", "-n", "1", "--dist", "loadgroup")
    assert "1 failed, 2 passed" in first.stdout
    names = run(project, ".ci/failed_tests.py")
    (project / "fell").write_text(names.stdout, encoding="utf-8")
    again = run(project, "-m", "pytest", "@fell")
    assert again.returncode == 0
    assert "1 passed" in again.stdout


def test_a_name_has_no_group_and_keeps_what_is_its_own(project):
    """They are told once."""
    record(project, "a.py::t@chapter 03", "a.py::t[x@y]", "a.py::t[x@y]@browser", "a.py::t")
    told = run(project, ".ci/failed_tests.py")
    assert told.stdout.splitlines() == ["a.py::t", "a.py::t[x@y]", "a.py::t[x@y]", "a.py::t"]
    assert run(project, ".ci/failed_tests.py").returncode == 1


@pytest.mark.parametrize("number", [0, 11])
def test_none_or_too_many_are_no_bad_luck(project, number):
    """Something else is wrong: nothing is run again."""
    record(project, *(f"a.py::t[{n}]" for n in range(number)))
    told = run(project, ".ci/failed_tests.py")
    assert (told.returncode, told.stdout) == (1, "")
    assert f"{number} tests fell" in told.stderr
