"""Run chapters without a browser and collect what they claim."""

import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from eventlab.broker import running_broker
from eventlab.chapters import Chapter
from eventlab.errors import ChapterError
from eventlab.folders import cache_folder

AT_ONCE = 2
# A kernel warns that others on this machine could listen; on loopback, for seconds, that is noise.
_QUIET_KERNEL = ["--IPKernelApp.log_level=40"]


@dataclass(frozen=True)
class Run:
    """How one chapter went: its claims in order, and the error that ended it, if one did."""

    chapter: Chapter
    claims: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""

    @property
    def flipped(self) -> list[dict[str, Any]]:
        """Return the claims that do not hold."""
        return [claim for claim in self.claims if not claim["holds"]]


def tour(chapters: list[Chapter], parameters: dict[str, Any]) -> Iterator[Run]:
    """Run chapters by papermill, two at a time, and yield each as it ends.

    The executed notebooks are not kept.
    """
    with (
        tempfile.TemporaryDirectory(prefix="eventlab-tour-") as folder,
        ProcessPoolExecutor(AT_ONCE, mp_context=get_context("spawn")) as pool,
    ):
        runs = [
            pool.submit(execute, chapter, Path(folder, chapter.path.name), parameters)
            for chapter in chapters
        ]
        for run in as_completed(runs):
            yield run.result()


def execute(chapter: Chapter, target: Path, parameters: dict[str, Any]) -> Run:
    """Run one chapter into `target` and return what it claims; an error in it is part of the run.

    Raises ChapterError for a parameter that the chapter does not have: papermill would only warn,
    and the chapter would quietly run with its own.
    """
    import nbformat
    import papermill

    from eventlab.teach import claims_in

    _refuse_unknown(chapter, parameters, papermill.inspect_notebook(str(chapter.path)))
    error = ""
    with _broker_apart() if parameters.get("BREAK") else nullcontext():
        try:
            papermill.execute_notebook(
                str(chapter.path),
                str(target),
                parameters=parameters,
                cwd=str(chapter.path.parent),
                progress_bar=False,
                log_output=False,
                extra_arguments=_QUIET_KERNEL,
            )
        except papermill.PapermillExecutionError as failure:
            error = f"cell {failure.exec_count}: {failure.ename}: {failure.evalue}"
    return Run(chapter, claims_in(nbformat.read(target, as_version=4)), error)


@contextmanager
def _broker_apart() -> Iterator[None]:
    """Give the notebooks that start now a home, and so a broker, of their own.

    A chapter that is broken on purpose may stop its broker, and others run at the same time.
    """
    before = os.environ.get("EVENTLAB_HOME")
    with tempfile.TemporaryDirectory(prefix="eventlab-apart-", ignore_cleanup_errors=True) as home:
        Path(home, "cache").symlink_to(cache_folder(), target_is_directory=True)
        os.environ["EVENTLAB_HOME"] = home
        try:
            yield
        finally:
            if seat := running_broker("eventlab tour"):
                seat.end()
            os.environ.pop("EVENTLAB_HOME")
            if before is not None:
                os.environ["EVENTLAB_HOME"] = before


def _refuse_unknown(chapter: Chapter, parameters: dict, known: dict) -> None:
    unknown = set(parameters) - set(known)
    if unknown:
        raise ChapterError(
            f"Chapter {chapter.number} has no parameter {', '.join(sorted(unknown))}",
            expected=f"one of {', '.join(known) or 'none'}",
            remedy="Set it in the cell tagged parameters, or leave it out.",
        )
