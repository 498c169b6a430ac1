"""The command `eventlab`: lab, progress, doctor, warm-up, broker, sql, tour, ledger, chapters."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eventlab.errors import EventlabError, StorageError, UsageError

if TYPE_CHECKING:  # each command imports what it needs, so that --help answers at once
    from click._termui_impl import ProgressBar

    from eventlab.broker import Seat
    from eventlab.ledger.entries import Ledger
    from eventlab.tour import Run


class _Commands(click.Group):
    """Show an error of ours as one line, and end with status 1."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        _take_utf8()
        return super().__call__(*arguments, **options)

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except EventlabError as error:
            click.echo(f"{type(error).__name__}: {error}", err=True)
            context.exit(1)


def _take_utf8() -> None:
    """Become the same process in Python's UTF-8 mode, where the locale has fewer letters.

    Under the locale C our marks could not be printed, nor JupyterLab and the kernels, which inherit
    the mode, find a notebook in a folder with a letter beyond ASCII.
    """
    if os.name == "posix" and sys.getfilesystemencoding() != "utf-8":
        os.environ["PYTHONUTF8"] = "1"
        os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Understand event-driven systems by running them."""


# -- lab ----------------------------------------------------------------------------------------


@main.command()
@click.argument("chapter", required=False)
@click.option("--browser/--no-browser", default=None, help="Open a browser window, or only link.")
@click.option("--port", type=click.IntRange(1, 65535), help="Serve on this port and no other.")
def lab(chapter: str | None, browser: bool | None, port: int | None) -> None:
    """Start Kafka and open JupyterLab on the list of chapters, or on one chapter."""
    from eventlab import jupyter
    from eventlab.broker import join
    from eventlab.course.chapters import chosen

    notebook = chosen((chapter,))[0].path if chapter else None
    _warm_up()
    seat = join("eventlab lab")
    _say(f"Apache Kafka {seat.version} at {seat.bootstrap_servers}. End the lab with Ctrl-C.")
    _say_notice(seat)
    try:
        jupyter.serve(notebook, browser=browser, port=port)
    finally:
        seat.close()


# -- progress -----------------------------------------------------------------------------------


@main.command()
@click.option("--reset", is_flag=True, help="Forget all of it, for the next class.")
def progress(reset: bool) -> None:
    """Tell what is done of each chapter: predictions, claims and exercises."""
    from eventlab.course.contents import entries
    from eventlab.teach.progress import forget_everything, trouble

    if reset:
        _say(f"{forget_everything()} things that were done are forgotten.")
        _say("A kernel that runs still knows its own guesses: restart it.")
        return
    for entry in entries():
        counts = [f"{kind}s {count}" for kind, count in entry.counts.items()]
        _say(f"{entry.mark} {entry.chapter.number} {entry.title}: {', '.join(counts)}")
    if found := trouble():
        _say(f"Your progress is not kept: {found}")


# -- doctor -------------------------------------------------------------------------------------

_MARKS = {"ok": "ok", "missing": "MISSING", "optional": "absent"}


@main.command()
def doctor() -> None:
    """Tell what is here, what is missing and what to do."""
    from eventlab.doctor import examine

    missing = 0
    for finding in examine():
        missing += finding.state == "missing"
        click.echo(f"{_MARKS[finding.state]:>7}  {finding.what:<12} {finding.found}")
        if finding.remedy and finding.remedy not in finding.found:
            click.echo(f"{'':21}{finding.remedy}")
    sys.exit(1 if missing else 0)


# -- warm-up ------------------------------------------------------------------------------------


@main.command("warm-up")
def warm_up() -> None:
    """Fetch and verify Kafka, and make what lets it start in a second."""
    _warm_up()
    _say("Everything is ready: eventlab lab")


def _warm_up() -> None:
    from eventlab.broker import prepare
    from eventlab.live import warm_up_vega

    prepare(_Progress())
    warm_up_vega(_Progress())


class _Progress:
    """Show one step after the other: as a bar on a terminal, elsewhere as a line when done."""

    def __init__(self) -> None:
        self._bar: ProgressBar[int] | None = None
        self._done = 0

    def __call__(self, what: str, done: int, total: int) -> None:
        if self._bar is None:
            self._bar = click.progressbar(length=total, label=f"{what:<18}")
            self._done = 0
            self._bar.__enter__()
        self._bar.update(done - self._done)
        self._done = done
        if done >= total:
            self._bar.__exit__(None, None, None)
            self._bar = None


# -- broker -------------------------------------------------------------------------------------


@main.group()
def broker() -> None:
    """Start, look at or stop the broker of this machine."""


@broker.command("start")
def broker_start() -> None:
    """Start the broker and let it run until it is stopped."""
    from eventlab.broker import start_and_keep

    with start_and_keep("eventlab broker start", _Progress()) as seat:
        _say(_described(seat))
        _say_notice(seat)


@broker.command("status")
def broker_status() -> None:
    """Tell whether the broker runs, where, and who uses it."""
    from eventlab.broker import present_seat

    seat = present_seat("eventlab broker status")
    if seat is None:
        _say("No broker runs. A notebook, or eventlab broker start, starts one.")
        sys.exit(3)
    with seat:
        _say(_described(seat))
        _say_notice(seat)


@broker.command("stop")
def broker_stop() -> None:
    """End the broker, whoever uses it; its data is kept."""
    from eventlab.broker import end_running

    if end_running("eventlab broker stop"):
        _say("The broker is stopped. Its data is kept.")
    else:
        _say("No broker runs.")


def _described(seat: Seat) -> str:
    if seat.external:
        return f"Your own Apache Kafka answers at {seat.bootstrap_servers}."
    where = f"Apache Kafka {seat.version} is {seat.status} at {seat.bootstrap_servers}"
    users = [user for user in seat.users if not user.startswith("eventlab broker")]
    return f"{where}, {seat.memory_megabytes:.0f} MB, used by {', '.join(users) or 'nobody'}."


# -- sql ----------------------------------------------------------------------------------------


@main.group(invoke_without_command=True)
@click.option("--server", "url", help="Ask the server at this URL; else the one that runs here.")
@click.option("-e", "--execute", "text", help="Run these statements, and leave.")
@click.pass_context
def sql(context: click.Context, url: str | None, text: str | None) -> None:
    """Ask the log in ksqlDB's dialect: a shell, or statements that come through a pipe.

    Where no server runs, one is started for as long as the shell is there. Queries that stay go on
    with the next.
    """
    if context.invoked_subcommand is not None:
        return
    from eventlab.sql.shell.shell import converse, run_script

    if text is None and sys.stdin.isatty():
        converse(url)
        return
    given = sys.stdin.read() if text is None else text
    sys.exit(0 if run_script(url, given, _say) else 1)


@sql.command("server")
@click.option("--port", type=click.IntRange(0, 65535), default=8088, show_default=True)
@click.option("--id", "service_id", default="default_", show_default=True, help="Whose queries.")
def sql_server(port: int, service_id: str) -> None:
    """Serve statements over HTTP, as ksqlDB does; end it with Ctrl-C.

    Servers of one id, each with a port of its own, share the work and take over from each other.
    What they were asked to keep goes on with the next one, also after a crash of all.
    """
    from eventlab.sql.server.serving import serve

    serve(service_id, port, lambda url: _say(f"SQL is served at {url}/ksql. End it with Ctrl-C."))


# -- tour ---------------------------------------------------------------------------------------


@main.command()
@click.argument("chapter", nargs=-1)
@click.option("--seed", type=int, help="Tell another story than the chapter's own.")
@click.option("--break", "broken", is_flag=True, help="Remove each chapter's condition.")
@click.option("--json", "file", type=click.Path(path_type=Path), help="Write the claims there.")
def tour(chapter: tuple[str, ...], seed: int | None, broken: bool, file: Path | None) -> None:
    """Run chapters without a browser and print each claim with its verdict.

    Ends with status 1 if a claim does not hold or, with --break, if breaking a chapter changes
    none of its claims.
    """
    from eventlab.broker import join
    from eventlab.course.chapters import chosen
    from eventlab.tour import tour as run

    if file:
        _require_writable(file)  # before minutes of chapters
    parameters = {"SPEED": 0, "BREAK": broken}
    if seed is not None:
        parameters["SEED"] = seed
    chapters = chosen(chapter)
    with join("eventlab tour", _Progress()) as seat:
        _say_notice(seat)
        runs = [_shown(done, broken=broken) for done in run(chapters, parameters)]
    runs.sort(key=lambda done: done.chapter.number)
    claims = [claim for done in runs for claim in done.claims]
    if file:
        file.write_text(json.dumps(claims, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.exit(0 if all(_as_it_should(done, broken) for done in runs) else 1)


def _require_writable(file: Path) -> None:
    """Raise StorageError unless the file can be written; what is in it stays until it is."""
    try:
        with file.open("a", encoding="utf-8"):
            pass
    except OSError as error:
        raise StorageError(
            f"The claims cannot be written to {file}",
            expected="a file in a folder that is there, and is yours to write to",
            found=(error.strerror or str(error)).lower(),
            remedy="Name another file, or make its folder first.",
        ) from None


def _shown(done: Run, *, broken: bool = False) -> Run:
    how = ", broken on purpose" if broken else ""
    click.echo(f"{done.chapter.number} {done.chapter.title}{how}")
    for claim in done.claims:
        mark = "✓ holds        " if claim["holds"] else "✗ does not hold"
        click.echo(f"   {mark}  {claim['claim']:<16} {claim['sentence']}")
    if done.error:
        click.echo(f"   ✗ stopped: {done.error}")
    return done


def _as_it_should(done: Run, broken: bool) -> bool:
    if done.error:
        return False
    return bool(done.flipped) if broken else not done.flipped


# -- new-chapter --------------------------------------------------------------------------------


@main.command("new-chapter")
@click.argument("number")
@click.argument("topic")
def new_chapter(number: str, topic: str) -> None:
    """Make a chapter that README.md plans: notebook, module, exercise, solution and test.

    NUMBER is that of the chapter, TOPIC names its notebook: eventlab new-chapter 03 asynchronicity.
    """
    from eventlab.course.chapters import ROOT
    from eventlab.course.new_chapter import make_chapter

    for path in make_chapter(number, topic):
        _say(f"written  {path.relative_to(ROOT)}")
    _say("Add them to git, and name its claims in eventlab/course/arguments.py: CONTRIBUTING.md")


# -- ledger -------------------------------------------------------------------------------------


@main.command()
@click.argument("chapter", nargs=-1)
@click.option(
    "--into",
    type=click.Path(path_type=Path),
    default=Path("ledger"),
    show_default=True,
    help="Write the ledger, and the notebooks that were run, to this folder.",
)
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    help="Run nothing: take the executed notebooks in this folder.",
)
@click.option("--seed", type=int, help="Tell another story than the chapter's own.")
def ledger(chapter: tuple[str, ...], into: Path, source: Path | None, seed: int | None) -> None:
    """Set what chapters claim beside the arguments of the book, as HTML, CSV and Markdown.

    Each chapter runs twice: as it is, and with its condition removed. Ends with status 1 if an
    argument has no claim, a claim does not hold, or none of an argument's turns out false when the
    chapter is broken.
    """
    from eventlab.ledger.gathering import gather, made_folder
    from eventlab.ledger.pages import write

    if source is not None and seed is not None:
        raise UsageError(
            "A seed cannot be given to chapters that were run before",
            expected="--seed or --from",
            found="both",
            remedy="Leave out --from to run the chapters with this seed.",
        )
    found = _run_twice(chapter, into, seed) if source is None else gather(source, chapter)
    made_folder(into)
    for fault in found.faults:
        click.echo(f"✗ {fault}", err=True)
    _say(found.summary)
    for path in write(found, into):
        _say(str(path))
    sys.exit(1 if found.faults else 0)


def _run_twice(numbers: tuple[str, ...], into: Path, seed: int | None) -> Ledger:
    from eventlab.broker import join
    from eventlab.course.chapters import chosen
    from eventlab.ledger.gathering import made_folder, run_chapters

    chapters = chosen(numbers)
    made_folder(into)  # before minutes of chapters
    parameters = {"SPEED": 0} if seed is None else {"SPEED": 0, "SEED": seed}
    with join("eventlab ledger", _Progress()) as seat:
        _say_notice(seat)
        return run_chapters(chapters, into / "runs", parameters, on_end=_shown)


def _say_notice(seat: Seat) -> None:
    if seat.notice:
        _say(seat.notice)


def _say(text: str) -> None:
    click.echo(text)
