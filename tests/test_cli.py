import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from eventlab import cli
from eventlab.course.chapters import ROOT, Chapter
from eventlab.folders import cache_folder
from eventlab.teach.progress import remember
from eventlab.tour import Run
from tests.ledger.made import ARGUMENTS, saved
from tests.ledger.made import claim as made_claim

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
    monkeypatch.setattr("eventlab.course.chapters.chapters", lambda: known)
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


@pytest.mark.parametrize("command", ["start", "stop"])
def test_a_cluster_of_ones_own_is_neither_started_nor_stopped(home, monkeypatch, command):
    """One line with what to do, at once: whether the cluster answers is not asked."""
    monkeypatch.setenv("EVENTLAB_BOOTSTRAP_SERVERS", "127.0.0.1:1")
    done = run("broker", command)
    assert done.exit_code == 1
    assert done.output.startswith(f"BrokerError: A cluster of your own cannot be made to {command}")
    assert "127.0.0.1:1, named by EVENTLAB_BOOTSTRAP_SERVERS" in done.output
    assert "Unset both" in done.output
    assert done.output.count("\n") == 1


def test_the_status_is_that_of_a_cluster_of_ones_own(broker, home, monkeypatch):
    """Where it is, and nothing of memory or users, which only its owner knows."""
    monkeypatch.setenv("EVENTLAB_BOOTSTRAP_SERVERS", broker.bootstrap_servers)
    done = run("broker", "status")
    assert done.exit_code == 0
    assert done.output == f"Your own Apache Kafka answers at {broker.bootstrap_servers}.\n"


def test_sql_is_served_and_asked(broker):
    """By a shell that is given statements, or a script; the server ends in order."""
    command = [sys.executable, "-c", "from eventlab.cli import main; main()"]
    options = ["--port", "0", "--id", f"cli-{os.getpid()}"]
    server = subprocess.Popen(
        [*command, "sql", "server", *options], stdout=subprocess.PIPE, encoding="utf-8"
    )
    try:
        url = server.stdout.readline().split()[4].removesuffix("/ksql.")
        done = run("sql", "--server", url, "-e", "SHOW TYPES; DEFINE a = 'b'; SHOW VARIABLES;")
        assert (done.exit_code, done.output.split()[-2:]) == (0, ["a", "b"])
        script = CliRunner().invoke(cli.main, ["sql", "--server", url], input="SHOW STRAEMS;")
        assert (script.exit_code, "Did you mean STREAMS" in script.output) == (1, True)
        server.send_signal(signal.SIGINT)
        assert server.wait(60) == 0
    finally:
        server.kill()
        server.communicate()


def test_a_server_that_is_not_there_is_one_line():
    """With what to do."""
    done = run("sql", "--server", "http://127.0.0.1:1", "-e", "SHOW STREAMS;")
    assert done.exit_code == 1
    assert "Start one: eventlab sql server." in done.output


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


def test_a_warm_machine_needs_nothing():
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
    assert json.loads((tmp_path / "claims.json").read_text(encoding="utf-8")) == [
        claim(True),
        claim(False),
    ]


def test_a_chapter_that_stops_fails_the_tour(monkeypatch, chapters):
    """An error in a cell is no passed chapter, even where no claim failed."""
    toured(monkeypatch, ch76=([claim(True)], "cell 3: ValueError: no"), ch77=([claim(True)],))
    done = run("tour")
    assert done.exit_code == 1
    assert "stopped: cell 3: ValueError: no" in done.output


@pytest.mark.skipif(sys.platform == "win32", reason="Windows' paths are no bytes")
def test_the_command_takes_utf8_where_the_locale_has_fewer_letters():
    """Its marks can be printed, and files with any letter found: by those whom it starts too."""
    script = """
import os, sys
from eventlab.cli import main
print(sys.getfilesystemencoding(), os.environ["PYTHONUTF8"], ascii(sys.argv[1:]), flush=True)
main()
"""
    odd = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-c", script, "tour", "é"],
        env=os.environ | odd,
        capture_output=True,
        encoding="utf-8",
    )
    assert done.stdout.splitlines() == [
        "ascii 0 ['tour', '\\udcc3\\udca9']",
        "utf-8 1 ['tour', '\\xe9']",
    ]
    assert done.stderr.startswith("ChapterError: There is no chapter é:")


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


def test_the_lab_opens_on_all_chapters_if_none_is_named(home, monkeypatch):
    """The page of chapters is where a learner begins."""
    served = []
    monkeypatch.setattr("eventlab.jupyter.serve", lambda notebook, **_: served.append(notebook))
    assert run("lab", "--no-browser").exit_code == 0
    assert served == [None]


def test_progress_is_printed_and_reset(tmp_path, monkeypatch):
    """One line for each chapter, and none of it is left for the next class."""
    monkeypatch.setenv("EVENTLAB_HOME", str(tmp_path))
    remember("claim", "00.real")
    remember("exercise", "00.1")
    line = "00 Welcome: a log that remembers where you were: predictions 0 of 2, claims"
    assert f"◐ {line} 1 of 2, exercises 1 of 1" in run("progress").output
    assert "2 things" in run("progress", "--reset").output
    assert f"○ {line} 0 of 2, exercises 0 of 1" in run("progress").output


def test_progress_that_cannot_be_kept_is_one_line(tmp_path, monkeypatch):
    """Where it is read it says so too, and a reset has nothing to forget."""
    home = tmp_path / "home"
    home.write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("EVENTLAB_HOME", str(home))
    done = run("progress")
    assert done.exit_code == 0
    assert done.output.splitlines()[-1].startswith("Your progress is not kept: The folder")
    assert run("progress", "--reset").output.startswith("0 things")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("01", "log"), "ChapterError: Chapter 01 is there already"),
        (("99", "log"), "UsageError: This is not the number of a planned chapter"),
        (("24", "../log"), "UsageError: This cannot be the topic in a chapter's file name"),
    ],
)
def test_a_chapter_that_cannot_be_made_is_one_line(arguments, says):
    """And the project stays as it is."""
    done = run("new-chapter", *arguments)
    assert done.exit_code == 1
    assert done.output.startswith(says)
    assert done.output.count("\n") == 1


def test_a_new_chapter_names_what_was_written(monkeypatch):
    """Each file, and what to do next."""
    monkeypatch.setattr(
        "eventlab.course.new_chapter.make_chapter", lambda *_: [ROOT / "notebooks" / "03_x.ipynb"]
    )
    lines = run("new-chapter", "3", "x").output.splitlines()
    assert lines[0] == f"written  {Path('notebooks', '03_x.ipynb')}"
    assert "Add them to git" in lines[1]


def test_a_file_that_cannot_be_written_is_told_before_the_run(monkeypatch, chapters, tmp_path):
    """Not after minutes of chapters; what is in a file stays until the claims are there."""
    given = toured(monkeypatch, ch77=([claim(True)],))
    done = run("tour", "77", "--json", str(tmp_path / "nowhere" / "claims.json"))
    assert done.exit_code == 1
    assert "cannot be written" in done.output
    assert given == {}  # no chapter ran


@pytest.fixture
def ledgered(monkeypatch, chapters):
    """The book has an argument for chapter 77, and running it twice is made up; what was asked."""
    asked = []

    def toured(chapters, parameters, *, keep):
        asked.append(parameters)
        broken = parameters["BREAK"]
        for chapter in chapters:
            saved(keep / chapter.path.name, made_claim(crossings=int(broken), broken=broken))
            yield Run(chapter)

    monkeypatch.setattr("eventlab.ledger.entries.ARGUMENTS", ARGUMENTS)
    monkeypatch.setattr("eventlab.tour.tour", toured)
    return asked


def test_the_ledger_is_written_from_a_normal_and_a_broken_run(ledgered, tmp_path):
    """Each chapter runs twice, at full speed, and its notebooks are kept for --from."""
    into = tmp_path / "new" / "ledger"
    done = run("ledger", "77", "--into", str(into), "--seed", "5")
    assert done.exit_code == 0
    assert "1 chapter, 1 argument, 1 claim. As it is: 1 true." in done.output
    assert "77 Made up\n77 Made up, broken on purpose\n" in done.output
    common = {"SPEED": 0, "SEED": 5}
    assert ledgered == [common | {"BREAK": False}, common | {"BREAK": True}]
    (into / "ledger.csv").unlink()
    assert run("ledger", "--from", str(into), "--into", str(into)).exit_code == 0
    assert len(ledgered) == 2  # nothing ran
    assert all((into / f"ledger.{kind}").exists() for kind in ("html", "csv", "md"))


def test_the_ledger_fails_where_something_is_wrong_and_is_written_all_the_same(ledgered, tmp_path):
    """Each fault is a line."""
    saved(tmp_path / "77.ipynb", made_claim(crossings=1))
    done = run("ledger", "--from", str(tmp_path), "--into", str(tmp_path))
    assert done.exit_code == 1
    assert "✗ 77: the claim 77.order does not hold\n" in done.output
    assert "✗ 77: there is no broken run\n" in done.output
    assert (tmp_path / "ledger.html").exists()


def test_what_the_ledger_cannot_do_is_told_before_any_chapter_runs(ledgered, tmp_path):
    """One line each, and no folder is made for nothing."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    nowhere = tmp_path / "nowhere"
    for arguments, words in {
        ("12", "--into", str(nowhere)): "ChapterError: There is no chapter 12",
        ("77", "--into", str(tmp_path / "file")): "StorageError: The ledger cannot be written to",
        ("--from", str(nowhere), "--into", str(nowhere)): "ChapterError: There are no runs in",
        ("--from", str(tmp_path), "--seed", "5"): "UsageError: A seed cannot be given",
    }.items():
        done = run("ledger", *arguments)
        assert (done.exit_code, done.output.count("\n")) == (1, 1)
        assert done.output.startswith(words)
    assert ledgered == []
    assert not nowhere.exists()
