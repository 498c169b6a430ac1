"""What a flow knows, kept in a folder, so that it goes on there after a crash."""

import json
import shutil
import sqlite3
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

from bytewax.dataflow import Dataflow
from bytewax.recovery import RecoveryConfig, init_db_dir

from eventlab.errors import RecoveryError
from eventlab.streams.wiring import steps

_LABEL = "flow.json"
_KEEPS_STATE = {"input", "stateful_batch", "output"}


def recovery_config(folder: Path, flow: Dataflow) -> RecoveryConfig:
    """Return the store of a flow in `folder`, made where there is none.

    Raises RecoveryError where the store belongs to another flow, to other steps or to another
    version of bytewax: its state would be lost, or taken for what it is not.
    """
    label = _label(flow)
    if not (folder / _LABEL).exists():
        _make(folder, label)
    else:
        _require_same(folder, label)
        _drop_unfinished(folder)
    return RecoveryConfig(folder)


def prepare_store(folder: Path | str) -> None:
    """Make a store for `python -m bytewax.run -r`, or clear it of what a crash has cut off.

    Once before all processes of a flow start, and never while they run. A store that `lab.run` or
    `run` uses needs it not. Raises RecoveryError for a folder that holds something else.
    """
    folder = Path(folder)
    if not any(folder.glob("part-*.sqlite3")):
        _require_empty(folder)
        folder.mkdir(parents=True, exist_ok=True)
        init_db_dir(folder, 1)
    _drop_unfinished(folder)


def forget(folder: Path) -> None:
    """Delete a store, so that its flow begins anew; none is fine too."""
    if folder.exists():
        shutil.rmtree(folder)


def _label(flow: Dataflow) -> dict:
    kept = [step.step_id for step in steps(flow) if type(step).__name__ in _KEEPS_STATE]
    return {"flow": flow.flow_id, "steps": kept, "bytewax": version("bytewax")}


def _make(folder: Path, label: dict) -> None:
    _require_empty(folder)
    folder.mkdir(parents=True, exist_ok=True)
    init_db_dir(folder, 1)
    (folder / _LABEL).write_text(json.dumps(label))  # last, since it says that all is there


def _require_empty(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise RecoveryError(
            f"The folder {folder.name!r} cannot become a recovery store",
            expected="an empty folder, or one that does not exist",
            found=f"{sum(1 for _ in folder.iterdir())} files",
        )


def _require_same(folder: Path, label: dict) -> None:
    found = json.loads((folder / _LABEL).read_text())
    kinds = {
        "flow": "another flow",
        "steps": "other steps",
        "bytewax": "another version of bytewax",
    }
    for what, other in kinds.items():
        if found[what] != label[what]:
            raise RecoveryError(
                f"The recovery store in {folder.name!r} is that of {other}",
                expected=_words(label[what]),
                found=_words(found[what]),
                remedy="Give this flow another store, or delete the folder to begin anew.",
            )


def _drop_unfinished(folder: Path) -> None:
    """Drop the state of epochs that did not end before a crash.

    bytewax 0.21 numbers its epochs on from the last one that ended, and leaves what the crashed run
    had written of later ones. Where the new run has not seen a key again by then, the next crash
    would take that for the key's state: events would be counted twice.
    """
    for path in folder.glob("part-*.sqlite3"):
        with closing(sqlite3.connect(path)) as store, store:
            latest = store.execute(
                "SELECT ex_num, worker_count, resume_epoch FROM exs ORDER BY ex_num DESC LIMIT 1"
            ).fetchone()
            if latest is None:
                continue
            run, workers, began = latest
            ended = store.execute(
                "SELECT worker_frontier FROM fronts WHERE ex_num = ?", [run]
            ).fetchall()
            goes_on_at = min(epoch for (epoch,) in ended) if len(ended) == workers else began
            store.execute("DELETE FROM snaps WHERE snap_epoch >= ?", [goes_on_at])


def _words(part: str | list[str]) -> str:
    return part if isinstance(part, str) else ", ".join(part)
