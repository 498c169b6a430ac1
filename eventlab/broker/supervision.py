"""Start a supervisor: a process of its own that outlives whoever starts it."""

from pathlib import Path
from typing import Any, Protocol

from eventlab.broker.supervised import Rules
from eventlab.errors import BrokerError
from eventlab.folders import storage_error
from eventlab.processes.child import Child, spawn

SUPERVISOR = "eventlab.broker.supervisor"
_LOG_BYTES = 1_000_000


class InFolder(Rules, Protocol):
    """A plan of what a supervisor does in one folder."""

    @property
    def folder(self) -> str: ...  # noqa: D102  the class says it


def supervise(plan: InFolder, supervisor: str = SUPERVISOR) -> int | None:
    """Start a supervisor by `plan`; return its port, None if another one has the folder.

    `supervisor` is the module whose `main` it runs. Raises StorageError and BrokerError.
    """
    log = Path(plan.folder, "supervisor.log")
    with log.open("ab") as errors:
        if errors.tell() > _LOG_BYTES:
            errors.truncate(0)
        child = spawn(supervisor, folder=Path(plan.folder), errors=errors)
    answer = _answer(child, plan, log)
    if "errno" in answer:
        error = OSError(answer["errno"], answer["strerror"])
        raise storage_error(Path(plan.folder), error) or error
    port: int | None = answer.get("port")
    return port


def _answer(child: Child, plan: InFolder, log: Path) -> dict[str, Any]:
    child.send(plan)
    try:
        answer: dict[str, Any] = child.receive()
    except EOFError:
        raise BrokerError(
            "The supervisor of a server did not start",
            expected="the port on which it listens",
            found=f"status {child.wait()}",
            remedy=f"Look at {log}.",
        ) from None
    finally:
        child.let_go()
    return answer
