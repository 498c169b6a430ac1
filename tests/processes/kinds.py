"""Children of several kinds; the first frame says which."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

from eventlab.processes.child import spawn
from eventlab.processes.owner import Owner
from eventlab.processes.program import launch

FOREVER = [sys.executable, "-c", "import time; time.sleep(60)"]


class Unreadable:
    """What cannot be unpickled."""

    def __reduce__(self):
        return (int, ("no number",))


def echo(owner: Owner) -> None:
    """Send back each frame until the owner is gone."""
    while True:
        owner.send(owner.receive())


def speak(owner: Owner) -> None:
    """Print before and after a frame, and say what is imported from the current folder."""
    print("printed")
    owner.send((os.getpgid(0), sys.path[:1]))
    print("printed too", flush=True)


def obey(owner: Owner) -> None:
    """Send back each command, and fail at x."""

    def on_command(command: bytes) -> None:
        if command == b"x":
            raise ValueError("no such command")
        owner.send(command)

    owner.obey(on_command)
    threading.Event().wait()


def stubborn(owner: Owner) -> None:
    """Take no notice of SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    owner.send("ready")
    time.sleep(60)


def unreadable(owner: Owner) -> None:
    """Send what cannot be read, and stay."""
    owner.send(Unreadable())
    time.sleep(60)


def independent(owner: Owner) -> None:
    """Let the owner go, and live until there is a file `end`."""
    owner.send(os.getpid())
    owner.let_go()
    while not Path("end").exists():
        time.sleep(0.01)
    Path("ended").touch()


def holder(owner: Owner) -> None:
    """Hold an obeying child and a program, and stay until killed."""
    child = spawn("tests.processes.kinds")
    child.send("obey")
    child.command(b"a")
    child.receive()
    with Path("output").open("wb") as output:
        program = launch(FOREVER, folder=Path(), output=output, environment=dict(os.environ))
    owner.send((child.pid, program.pid))
    time.sleep(60)


def parent(owner: Owner) -> None:
    """Fork a process that stays, say its id, and stay until killed."""
    pid = os.fork()
    if pid == 0:
        time.sleep(60)
        os._exit(0)
    owner.send(pid)
    time.sleep(60)


def main() -> None:
    owner = Owner()
    globals()[owner.receive()](owner)
