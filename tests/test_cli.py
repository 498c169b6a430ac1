import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from eventlab import cli
from eventlab.chapters import Chapter
from eventlab.folders import cache_folder
from eventlab.tour import Run

pytestmark = pytest.mark.broker


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home of its own, so that the suite's broker is left alone."""
    (tmp_path / "cache").symlink_to(cache_folder(), target_is_directory=True)
    monkeypatch.setenv("EVENTLAB_HOME", str(tmp_path))


@pytest.fixture
def chapters(monkeypatch):
    """Two chapters that need not be run: 76 and 77."""
    known = [Chapter(number, Path(f"{number}_made.ipynb")) for number in ("76", "77")]
    monkeypatch.setattr("eventlab.chapters.chapters", lambda: known)
    monkeypatch.setattr(Chapter, "title", "Made up")
    return known


def run(*arguments):
    """Return what the command prints, and its status."""
    done = CliRunner().invoke(cli.main, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def toured(monkeypatch, **runs):
    """Let a tour return these runs, and return the parameters it was given."""
    given = {}

    def tour(chapters, parameters):
        given.update(parameters)
        yield from (Run(chapter, *runs[f"ch{chapter.number}"]) for chapter in reversed(chapters))

    monkeypatch.setattr("eventlab.tour.tour", tour)
    return given


def claim(holds):
    """Return a claim as the ledger has it."""
    return {"chapter": "77", "claim": "77.one", "sentence": "One is one", "holds": holds}


def test_the_broker_is_started_looked_at_and_stopped(home):
    """It outlives the command that started it, and the last command leaves nothing."""
    assert run("broker", "status").exit_code == 3
    assert "running at 127.0.0.1:" in run("broker", "start").output
    status = run("broker", "status")
    assert (status.exit_code, "used by nobody" in status.output) == (0, True)
    assert "Its data is kept" in run("broker", "stop").output
    assert run("broker", "stop").output == "No broker runs.\n"


def test_the_doctor_says_that_all_is_well():
    """One line for each thing, and status 0 where nothing is missing."""
    done = run("doctor")
    assert done.exit_code == 0
    assert "Kafka" in done.output
    assert "MISSING" not in done.output


def test_the_doctor_ends_with_1_where_something_is_missing(monkeypatch):
    """A script can ask the doctor too."""
    monkeypatch.setenv("EVENTLAB_JAVA", os.devnull)
    done = run("doctor")
    assert done.exit_code == 1
    assert "MISSING" in done.output


def test_an_error_is_one_line(home, monkeypatch):
    """No traceback reaches whoever typed a command."""
    monkeypatch.setenv("EVENTLAB_JAVA", "/nowhere/java")
    done = run("warm-up")
    assert done.exit_code == 1
    assert done.output.startswith("JavaError: EVENTLAB_JAVA names /nowhere/java")
    assert done.output.count("\n") == 1


def test_a_warm_machine_is_told_so():
    """A second warm-up has nothing to do."""
    assert run("warm-up").output == "Everything is ready: eventlab lab\n"


@pytest.mark.parametrize(
    ("flags", "verdicts", "status"),
    [
        ([], (True, True), 0),
        ([], (True, False), 1),
        (["--break"], (False, False), 0),
        (["--break"], (False, True), 1),
    ],
)
def test_the_tour_ends_as_its_claims_do(monkeypatch, chapters, flags, verdicts, status):
    """Every claim holds, or, broken on purpose, every chapter has one that does not."""
    runs = {f"ch{c.number}": ([claim(h)],) for c, h in zip(chapters, verdicts, strict=True)}
    given = toured(monkeypatch, **runs)
    assert run("tour", *flags).exit_code == status
    assert given == {"SPEED": 0, "BREAK": bool(flags)}


def test_the_tour_prints_and_writes_every_claim(monkeypatch, chapters, tmp_path):
    """Each claim is a line with its verdict, and an object in the file."""
    toured(monkeypatch, ch77=([claim(True), claim(False)],))
    done = run("tour", "77", "--seed", "5", "--json", str(tmp_path / "claims.json"))
    assert "✓ holds" in done.output
    assert "✗ does not hold" in done.output
    assert json.loads((tmp_path / "claims.json").read_text()) == [claim(True), claim(False)]


def test_a_chapter_that_stops_fails_the_tour(monkeypatch, chapters):
    """An error in a cell is no passed chapter, even where no claim failed."""
    toured(monkeypatch, ch76=([claim(True)], "cell 3: ValueError: no"), ch77=([claim(True)],))
    done = run("tour")
    assert done.exit_code == 1
    assert "stopped: cell 3: ValueError: no" in done.output


def test_an_unknown_chapter_is_one_line(chapters):
    """The known ones are named."""
    done = run("tour", "12")
    assert done.exit_code == 1
    assert "There is no chapter 12: expected one of 76, 77" in done.output


def test_the_lab_holds_the_broker_while_jupyterlab_runs(home, monkeypatch):
    """The first cell of a notebook only has to join; when JupyterLab ends, so does the seat."""
    served = []

    def serve(notebook, *, browser, port):
        from eventlab.broker import running_broker

        with running_broker("the test") as seat:
            served.append((notebook.name[:2], browser, port, "eventlab lab" in seat.users))

    monkeypatch.setattr("eventlab.jupyter.serve", serve)
    assert run("lab", "01", "--no-browser", "--port", "8899").exit_code == 0
    assert served == [("01", False, 8899, True)]
