"""What a flow knows, kept in a folder, so that it goes on there after a crash."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TypeAlias

from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig, init_db_dir

from eventlab.arguments import refused
from eventlab.checked import checked
from eventlab.errors import RecoveryError, StorageError
from eventlab.folders import FULL
from eventlab.streams.bytewax_steps import is_recovered, steps

_LABEL = "flow.json"
_PARTS = "part-*.sqlite3"
_LEAST_BYTES = 1_000_000  # with less, SQLite may not even open a store, in words of its own

Label: TypeAlias = dict[str, str | list[str]]


def recovery_config(folder: Path, flow: Dataflow) -> RecoveryConfig:
    """Return the store of a flow in `folder`, made where there is none.

    Raises RecoveryError where the store belongs to another flow, to other steps or to another
    version of bytewax: its state would be lost, or taken for what it is not. Raises StorageError
    where the disk is full.
    """
    label = _label(flow)
    if not (folder / _LABEL).exists():
        _make(folder, label)
    else:
        _require_same(folder, label)
        _drop_unfinished(folder)
    return RecoveryConfig(folder)


def require_own(folder: Path, flow: Dataflow) -> None:
    """Raise RecoveryError where a store in `folder` is that of another flow; change nothing.

    For who has something to stop before `recovery_config` may touch the store.
    """
    if (folder / _LABEL).exists():
        _require_same(folder, _label(flow))


@checked
def prepare_store(folder: Path | str) -> None:
    """Make a store for `python -m bytewax.run -r`, or clear it of what a crash has cut off.

    Once before all processes of a flow start, and never while they run. A store that `lab.run` or
    `run` uses needs it not. Raises RecoveryError for a folder that holds something else, and
    StorageError where the disk is full.
    """
    folder = _required_path(folder)
    if not any(folder.glob(_PARTS)):
        _require_empty(folder)
        with _saying_full(folder):
            folder.mkdir(parents=True, exist_ok=True)
            init_db_dir(folder, 1)
    _drop_unfinished(folder)


def _required_path(folder: Path | str) -> Path:
    try:
        Path(folder).stat()
    except (FileNotFoundError, NotADirectoryError):
        return Path(folder)
    except (OSError, ValueError):  # a name too long for the system, or with a NUL in it
        raise refused("folder", folder, "a path that this system takes", '"stores"') from None
    return Path(folder)


def forget(folder: Path) -> None:
    """Delete a store, so that its flow begins anew; none is fine too."""
    if folder.exists():
        shutil.rmtree(folder)


def full_store(folder: Path, error: BaseException) -> StorageError | None:
    """Return what an error of a store means if its disk is full, None if it is another one.

    bytewax panics where SQLite fails, so the error may be no Exception.
    """
    if isinstance(error, OSError):
        is_full = error.errno in FULL
    else:
        is_of_sqlite = isinstance(error, sqlite3.OperationalError) or "SqliteFailure" in str(error)
        is_full = is_of_sqlite and (_says_full(error) or _has_no_room(folder))
    if not is_full:
        return None
    return StorageError(
        f"The disk that holds the store {folder.name!r} of a flow is full",
        expected="space for what the flow knows",
        found="no space left",
        remedy="Free some space, then run the flow again (RESUME in SQL): it goes on where it was.",
    )


@contextmanager
def _saying_full(folder: Path) -> Iterator[None]:
    try:
        yield
    except BaseException as error:  # a panic of bytewax is no Exception
        full = full_store(folder, error)
        if full is None:
            raise
        raise full from None


def _says_full(error: BaseException) -> bool:
    return "DiskFull" in str(error) or "disk is full" in str(error)


def _has_no_room(folder: Path) -> bool:
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    return shutil.disk_usage(there).free < _LEAST_BYTES


def _label(flow: Dataflow) -> Label:
    kept = [step.step_id for step in steps(flow) if is_recovered(step)]
    return {"flow": flow.flow_id, "steps": kept, "bytewax": version("bytewax")}


def _make(folder: Path, label: Label) -> None:
    """Make a store aside and put it in place: whatever interrupts this, there is all or nothing."""
    _require_empty(folder)
    arriving = folder.with_name(f"{folder.name}.arriving")
    forget(arriving)
    try:
        with _saying_full(folder):
            arriving.mkdir(parents=True)
            init_db_dir(arriving, 1)
            (arriving / _LABEL).write_text(json.dumps(label), encoding="utf-8")
    except StorageError:
        forget(arriving)
        raise
    if folder.exists():
        folder.rmdir()
    arriving.rename(folder)


def _require_empty(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise RecoveryError(
            f"The folder {folder.name!r} cannot become a recovery store",
            expected="an empty folder, or one that does not exist",
            found=f"{sum(1 for _ in folder.iterdir())} files",
            remedy="Name another folder for the store, or empty this one.",
        )


def _require_same(folder: Path, label: Label) -> None:
    found = _read_label(folder)
    if not any(folder.glob(_PARTS)):
        raise _damaged(folder, "no file with state")
    kinds = {
        "flow": "another flow",
        "steps": "other steps",
        "bytewax": "another version of bytewax",
    }
    for what, other in kinds.items():
        if found[what] != label[what]:
            raise RecoveryError(
                f"The recovery store in {folder.name!r} is that of {other}",
                expected=_listed(label[what]),
                found=_listed(found[what]),
                remedy="Give this flow another store, or delete the folder to begin anew.",
            )


def _read_label(folder: Path) -> Label:
    try:
        label: Label = json.loads((folder / _LABEL).read_text(encoding="utf-8"))
        return {what: label[what] for what in ("flow", "steps", "bytewax")}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _damaged(folder, f"{_LABEL} that cannot be read ({error!r:.80})") from None


def _damaged(folder: Path, found: str) -> RecoveryError:
    return RecoveryError(
        f"The recovery store in {folder.name!r} is damaged",
        expected="the store as a flow has left it",
        found=found,
        remedy="Delete the folder to begin anew, or bring its files back from a copy.",
    )


def _drop_unfinished(folder: Path) -> None:
    """Drop the state of epochs that did not end before a crash.

    bytewax 0.21 numbers its epochs on from the last one that ended, and leaves what the crashed run
    had written of later ones. Where the new run has not seen a key again by then, the next crash
    would take that for the key's state: events would be counted twice.
    """
    for path in folder.glob(_PARTS):
        try:
            with _saying_full(folder):
                _drop_unfinished_of(path)
        except sqlite3.Error as error:
            raise _damaged(folder, f"{path.name} that cannot be read ({error})") from None


def _drop_unfinished_of(path: Path) -> None:
    with closing(sqlite3.connect(path)) as store, store:
        epoch = _resume_epoch(store)
        if epoch is not None:
            store.execute("DELETE FROM snaps WHERE snap_epoch >= ?", [epoch])


def _resume_epoch(store: sqlite3.Connection) -> int | None:
    """Return the epoch that the next run begins with, None in a store that has seen no run."""
    latest = store.execute(
        "SELECT ex_num, worker_count, resume_epoch FROM exs ORDER BY ex_num DESC LIMIT 1"
    ).fetchone()
    if latest is None:
        return None
    run, workers, began = latest
    frontiers = store.execute("SELECT worker_frontier FROM fronts WHERE ex_num = ?", [run])
    ended = [epoch for (epoch,) in frontiers.fetchall()]
    # A worker that has ended no epoch yet is not among them.
    return min(ended) if len(ended) == workers else int(began)


def _listed(part: str | list[str]) -> str:
    return part if isinstance(part, str) else ", ".join(part)
