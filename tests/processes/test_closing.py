import os
import subprocess
import sys

import pytest

from eventlab.processes.closing import close_all


def failing(words):
    def close():
        raise OSError(words)

    return close


def test_all_are_closed_in_order():
    """Nothing is raised where nothing fails."""
    closed = []
    close_all([lambda: closed.append(1), lambda: closed.append(2)])
    assert closed == [1, 2]


def test_closing_goes_on_after_an_error():
    """What comes after the one that fails is closed, and its error is raised as it is."""
    closed = []
    with pytest.raises(OSError, match="no such thing"):
        close_all([failing("no such thing"), lambda: closed.append(2)])
    assert closed == [2]


def test_several_errors_are_all_raised():
    """None of them hides another."""
    with pytest.raises(ExceptionGroup) as caught:
        close_all([failing("one"), failing("two")])
    assert [str(error) for error in caught.value.exceptions] == ["one", "two"]


def test_an_interrupt_ends_the_closing():
    """Whoever presses Ctrl-C waits for nothing else."""
    closed = []

    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        close_all([interrupted, lambda: closed.append(2)])
    assert closed == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_what_a_child_cannot_close_is_never_deleted_in_it():
    """Not even where the child forgets it, or ends as a program does."""
    script = """
import os, sys
from eventlab.processes.closing import after_fork

class Client:
    def __del__(self):
        print("deleted by", "child" if os.getpid() != parent else "parent", flush=True)

parent = os.getpid()
clients = [Client()]
def forget():
    forgotten = clients[:]
    clients.clear()
    return forgotten
after_fork(forget)
child = os.fork()
if child == 0:
    print(clients, flush=True)
    sys.exit(0)
os.waitpid(child, 0)
clients.clear()
"""
    done = subprocess.run(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, encoding="utf-8", check=True
    )
    assert done.stdout.splitlines() == ["[]", "deleted by parent"]
