"""Start a supervisor: a process of its own that outlives whoever starts it."""

import json
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from eventlab.broker.plan import Plan
from eventlab.errors import BrokerError
from eventlab.folders import storage_error

_LOG_BYTES = 1_000_000


def supervise(plan: Plan) -> int | None:
    """Start a supervisor by `plan`; return its port, None if another one has the folder.

    Raises StorageError and BrokerError.
    """
    log = Path(plan.folder, "supervisor.log")
    with log.open("ab") as sink:
        if sink.tell() > _LOG_BYTES:
            sink.truncate(0)
        process = _spawn(plan.folder, sink)
    # Whoever does not wait for its child leaves a zombie when the child ends.
    threading.Thread(target=process.wait, name="eventlab-reaper", daemon=True).start()
    answer = _answer(process, plan)
    if answer is None:
        raise BrokerError(
            "The broker's supervisor did not start",
            found=f"status {process.wait()}",
            remedy=f"Look at {log}.",
        )
    if "errno" in answer:
        error = OSError(answer["errno"], answer["strerror"])
        raise storage_error(Path(plan.folder), error) or error
    return answer.get("port")


def _answer(process: subprocess.Popen, plan: Plan) -> dict | None:
    with process.stdin as sink, process.stdout as source:
        with suppress(BrokenPipeError):  # it ended before it read; it says so by saying nothing
            sink.write(json.dumps(asdict(plan)).encode())
            sink.close()
        line = source.readline()
    return json.loads(line) if line else None


def _spawn(folder: str, sink) -> subprocess.Popen:
    # A session of its own: an interrupt of the kernel's process group must not reach Kafka.
    apart = (
        {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
        if sys.platform == "win32"
        else {"start_new_session": True}
    )
    # -P: a learner's json.py in the current folder is not the library's.
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "eventlab.broker.supervisor"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=sink,
        cwd=folder,
        **apart,
    )
