"""The command `eventlab`: lab, doctor, warm-up, broker, tour."""

import json
import sys
from pathlib import Path

import click

from eventlab.errors import EventlabError


class _Commands(click.Group):
    """Show an error of ours as one line, and end with status 1."""

    def invoke(self, context: click.Context):
        try:
            return super().invoke(context)
        except EventlabError as error:
            click.echo(f"{type(error).__name__}: {error}", err=True)
            context.exit(1)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Understand event-driven systems by running them."""


# -- lab ----------------------------------------------------------------------------------------


@main.command()
@click.argument("chapter", default="00")
@click.option("--browser/--no-browser", default=None, help="Open a browser window, or only link.")
@click.option("--port", type=click.IntRange(1, 65535), help="Serve on this port and no other.")
def lab(chapter: str, browser: bool | None, port: int | None) -> None:
    """Start Kafka and open JupyterLab on a chapter."""
    from eventlab import jupyter
    from eventlab.broker import join
    from eventlab.chapters import chosen

    notebook = chosen((chapter,))[0].path
    _warm_up()
    seat = join("eventlab lab")
    _say(f"Apache Kafka {seat.version} at {seat.bootstrap_servers}. End the lab with Ctrl-C.")
    try:
        jupyter.serve(notebook, browser=browser, port=port)
    finally:
        seat.close()


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

    def __init__(self):
        self._bar, self._done = None, 0

    def __call__(self, what: str, done: int, total: int) -> None:
        if self._bar is None:
            self._bar, self._done = click.progressbar(length=total, label=f"{what:<18}"), 0
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
    from eventlab.broker import join

    with join("eventlab broker start", _Progress()) as seat:
        seat.keep()
        _say(_described(seat))


@broker.command("status")
def broker_status() -> None:
    """Tell whether the broker runs, where, and who uses it."""
    from eventlab.broker import running_broker

    seat = running_broker("eventlab broker status")
    if seat is None:
        _say("No broker runs. A notebook, or eventlab broker start, starts one.")
        sys.exit(3)
    with seat:
        _say(_described(seat))


@broker.command("stop")
def broker_stop() -> None:
    """End the broker, whoever uses it; its data is kept."""
    from eventlab.broker import running_broker

    seat = running_broker("eventlab broker stop")
    if seat is None:
        _say("No broker runs.")
        return
    seat.end()
    _say("The broker is stopped. Its data is kept.")


def _described(seat) -> str:
    where = f"Apache Kafka {seat.version} is {seat.status} at {seat.bootstrap_servers}"
    users = [user for user in seat.users if not user.startswith("eventlab broker")]
    return f"{where}, {seat.memory_megabytes:.0f} MB, used by {', '.join(users) or 'nobody'}."


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
    from eventlab.chapters import chosen
    from eventlab.tour import tour as run

    parameters = {"SPEED": 0, "BREAK": broken} | ({} if seed is None else {"SEED": seed})
    chapters = chosen(chapter)
    with join("eventlab tour", _Progress()):
        runs = [_shown(done) for done in run(chapters, parameters)]
    runs.sort(key=lambda done: done.chapter.number)
    claims = [claim for done in runs for claim in done.claims]
    if file:
        file.write_text(json.dumps(claims, indent=2, ensure_ascii=False) + "\n")
    sys.exit(0 if all(_as_it_should(done, broken) for done in runs) else 1)


def _shown(done):
    click.echo(f"{done.chapter.number} {done.chapter.title}")
    for claim in done.claims:
        mark = "✓ holds        " if claim["holds"] else "✗ does not hold"
        click.echo(f"   {mark}  {claim['claim']:<16} {claim['sentence']}")
    if done.error:
        click.echo(f"   ✗ stopped: {done.error}")
    return done


def _as_it_should(done, broken: bool) -> bool:
    if done.error:
        return False
    return bool(done.flipped) if broken else not done.flipped


def _say(text: str) -> None:
    click.echo(text)
