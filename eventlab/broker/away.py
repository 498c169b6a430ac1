"""Whether a broker of this machine is known not to answer, and why: nobody then waits for it.

One that starts, that stops, or that is only slow may answer yet, and is asked.
"""

import errno
import os
import socket
from typing import NamedTuple

import psutil

from eventlab.broker.states import BrokerState, NodeState
from eventlab.folders import data_folder, spoken_storage_error

_ENDED = {"stopped", "failed"}
_FROZEN = {psutil.STATUS_STOPPED, psutil.STATUS_TRACING_STOP}
_CONNECT_SECONDS = 0.5

START = "Start it with lab.broker.start(): every acknowledged event is still there."
_RESUME = "Let it go on with lab.broker.resume()."
_GO_ON = "Let its process go on (kill -CONT {pid}), or run lab.broker.restart()."
_NO_SPACE = os.strerror(errno.ENOSPC)


class Away(NamedTuple):
    """Why a broker does not answer, in a few words, and what to do, as a whole sentence."""

    reason: str
    remedy: str


def away(reported: BrokerState) -> Away | None:
    """Return why the broker is known not to answer, None where it may.

    As long as one of its nodes may answer, so may the broker.
    """
    if reported.state == "lost":
        # Someone else may have started it anew, on the port that it had.
        return None if _listens(reported.port) else Away(reported.reason, START)
    silent = [_silent(node) for node in reported.nodes]
    found = [one for one in silent if one is not None]
    return found[0] if found and len(found) == len(silent) else None


def _silent(node: NodeState) -> Away | None:
    """Return why a node is known not to answer."""
    if node.state in _ENDED:
        return Away(_words(node), _start_remedy(node.reason))
    if node.state == "suspended":
        return Away("it is suspended", _RESUME)
    if node.state != "running" or node.pid is None:
        return None
    return _silent_process(node.pid)


def _words(node: NodeState) -> str:
    # Why it is stopped says that it is: "it was killed", "it ended with status 1".
    if node.state == "failed":
        return f"it has failed: {node.reason}"
    return node.reason or f"it is {node.state}"


def _silent_process(pid: int) -> Away | None:
    # What a signal from elsewhere has done, nobody reports: not at once, or never.
    try:
        status = psutil.Process(pid).status()
    except psutil.NoSuchProcess:
        return Away(f"its process {pid} has ended", START)
    if status in _FROZEN:
        return Away(f"its process {pid} is suspended", _GO_ON.format(pid=pid))
    return Away(f"its process {pid} has ended", START) if status == psutil.STATUS_ZOMBIE else None


def _start_remedy(reason: str) -> str:
    full = spoken_storage_error(data_folder(), reason) if _NO_SPACE in reason else None
    return START if full is None else f"{full.remedy} Then start it with lab.broker.start()."


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), _CONNECT_SECONDS).close()
    except OSError:
        return False
    return True
