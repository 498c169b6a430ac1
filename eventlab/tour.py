"""Run chapters without a browser and collect what they claim."""

import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from eventlab.broker import end_local
from eventlab.course.chapters import Chapter, read_notebook
from eventlab.course.kernel import KERNEL, kernel_environment
from eventlab.errors import ChapterError, SetupError
from eventlab.folders import cache_folder

AT_ONCE = 2
# A kernel warns that others on this machine could listen; on loopback, for seconds, that is noise.
_KERNEL_OPTIONS = ["--IPKernelApp.log_level=40"]


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


def tour(
    chapters: list[Chapter], parameters: dict[str, Any], *, keep: Path | None = None
) -> Iterator[Run]:
    """Run chapters by papermill, two at a time, and yield each as it ends.

    The executed notebooks are in the folder `keep`, which has to be there; without it none is kept.
    """
    with (
        _folder_of_runs(keep) as folder,
        ProcessPoolExecutor(AT_ONCE, mp_context=get_context("spawn")) as pool,
    ):
        runs = [
            pool.submit(_executed_apart, chapter, folder / chapter.path.name, parameters)
            for chapter in chapters
        ]
        try:
            for run in as_completed(runs):
                yield run.result()
        finally:
            pool.shutdown(cancel_futures=True)  # after an error no other chapter begins


@contextmanager
def _folder_of_runs(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        yield keep
        return
    with tempfile.TemporaryDirectory(prefix="eventlab-tour-") as folder:
        yield Path(folder)


def execute(chapter: Chapter, target: Path, parameters: dict[str, Any]) -> Run:
    """Run one chapter into `target` and return what it claims; an error in it is part of the run.

    Raises ChapterError for a parameter that the chapter does not have: papermill would only warn,
    and the chapter would run with its own. Raises SetupError where its kernel does not start.
    """
    import papermill

    from eventlab.teach import claims_in

    _refuse_unknown(chapter, parameters, papermill.inspect_notebook(str(chapter.path)))
    os.environ.update(kernel_environment())
    error = _executed(chapter, target, parameters)
    return Run(chapter, claims_in(read_notebook(target)), error)


def _executed_apart(chapter: Chapter, target: Path, parameters: dict[str, Any]) -> Run:
    """Run a chapter beside others: one that is broken on purpose may stop its broker."""
    with _broker_apart() if parameters.get("BREAK") else nullcontext():
        return execute(chapter, target, parameters)


def _executed(chapter: Chapter, target: Path, parameters: dict[str, Any]) -> str:
    """Run a chapter into `target` and return the error that ended it, empty if none did."""
    import papermill
    from nbclient.exceptions import DeadKernelError

    logging.getLogger("papermill").setLevel(logging.CRITICAL)  # what is wrong is in our own words
    try:
        papermill.execute_notebook(
            str(chapter.path),
            str(target),
            parameters=parameters,
            cwd=str(chapter.path.parent),
            kernel_name=KERNEL,  # whichever a learner has run it in since
            progress_bar=False,
            log_output=False,
            extra_arguments=_KERNEL_OPTIONS,
        )
    except papermill.PapermillExecutionError as failure:
        return f"cell {failure.exec_count}: {failure.ename}: {failure.evalue}"
    except DeadKernelError:
        return "its kernel ended before the chapter did"
    # Jupyter's kind for a kernel that ends, or says nothing, while it starts; an error in a cell
    # never is one.
    except RuntimeError as failure:
        raise _kernel_not_started(str(failure)) from None
    return ""


def _kernel_not_started(reason: str) -> SetupError:
    return SetupError(
        "The kernel in which the chapters run did not start",
        expected=f"that of {sys.executable}",
        found=reason[:1].lower() + reason[1:],
        remedy="Delete the folder .venv and run `make setup`; what is lacking stands above.",
    )


@contextmanager
def _broker_apart() -> Iterator[None]:
    """Give the notebooks that start now a home, and so a broker, of their own."""
    before = os.environ.get("EVENTLAB_HOME")
    with tempfile.TemporaryDirectory(prefix="eventlab-apart-", ignore_cleanup_errors=True) as home:
        Path(home, "cache").symlink_to(cache_folder(), target_is_directory=True)
        os.environ["EVENTLAB_HOME"] = home
        try:
            yield
        finally:
            end_local("eventlab tour")
            os.environ.pop("EVENTLAB_HOME")
            if before is not None:
                os.environ["EVENTLAB_HOME"] = before


def _refuse_unknown(chapter: Chapter, parameters: dict[str, Any], known: dict[str, Any]) -> None:
    unknown = set(parameters) - set(known)
    if unknown:
        raise ChapterError(
            f"Chapter {chapter.number} has no parameter {', '.join(sorted(unknown))}",
            expected=f"one of {', '.join(known) or 'none'}",
            found=", ".join(sorted(unknown)),
            remedy="Set it in the cell tagged parameters, or leave it out.",
        )
