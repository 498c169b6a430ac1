import os
import signal
import socket
from queue import SimpleQueue

import psutil
import pytest

from tests.waiting import until


def test_frames_go_both_ways(spawned):
    """What is sent comes back, until the child has ended; then nothing is sent, and none raised."""
    child = spawned("echo")
    child.send({"large": "x" * 200_000})
    assert child.receive() == {"large": "x" * 200_000}
    child.kill()
    assert child.wait() == -signal.SIGKILL
    child.send("too late")
    child.command(b"a")
    with pytest.raises(EOFError):
        child.receive()


def test_it_has_a_session_of_its_own_and_no_module_of_the_folder(spawned, tmp_path):
    """An interrupt of our group does not reach it, and a json.py of the learner's is not taken."""
    (tmp_path / "json.py").write_text("raise SystemExit('the learner's own')", encoding="utf-8")
    group, path = spawned("speak", folder=tmp_path).receive()
    assert group != os.getpgid(0)
    assert path != [""]


def test_what_it_prints_goes_to_the_file_for_errors(spawned, tmp_path):
    """And never between its frames."""
    with (tmp_path / "log").open("wb") as log:
        child = spawned("speak", errors=log)
        child.receive()
        assert child.wait() == 0
    assert (tmp_path / "log").read_text(encoding="utf-8") == "printed\nprinted too\n"


def test_descriptors_stay_open_in_it(spawned):
    """A port that is bound here is the child's too, for as long as it lives."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        child = spawned("echo", descriptors=[server.fileno()])
        port = server.getsockname()[1]
    child.send("there")
    child.receive()
    socket.create_connection(("127.0.0.1", port)).close()
    child.kill()
    child.wait()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_a_thread_listens_to_the_end(spawned):
    """Each frame, and at the end the status, without an error."""
    frames, ends = [], SimpleQueue()
    child = spawned("echo")
    child.send(1)
    child.send(2)
    child.listen("listen", frames.append, lambda *end: ends.put(end))
    until(lambda: frames == [1, 2])
    child.kill()
    assert ends.get(timeout=10) == (-signal.SIGKILL, None)
    assert not psutil.pid_exists(child.pid)


def test_a_frame_that_cannot_be_read_ends_the_child(spawned):
    """Whoever listens gets the error and the end, in place of a silence for ever."""
    ends = SimpleQueue()
    spawned("unreadable").listen("listen", print, lambda *end: ends.put(end))
    status, error = ends.get(timeout=10)
    assert status == -signal.SIGKILL
    assert isinstance(error, ValueError)


def test_it_ends_when_it_is_asked_to(spawned):
    """SIGTERM is enough for most; the second time there is nothing left to do."""
    child = spawned("echo")
    child.send(1)
    child.receive()
    assert [child.end(), child.end()] == [-signal.SIGTERM] * 2


def test_it_is_ended_when_it_will_not(spawned):
    """SIGKILL, once the patience is over."""
    child = spawned("stubborn")
    assert child.receive() == "ready"
    assert child.end(0.05) == -signal.SIGKILL


def test_it_may_live_on_beside_us_and_leaves_no_zombie(spawned, tmp_path):
    """A child that was let go ends when it wants to, and is waited for in the background."""
    child = spawned("independent", folder=tmp_path)
    assert child.receive() == child.pid
    child.let_go()
    assert psutil.Process(child.pid).status() != psutil.STATUS_ZOMBIE
    (tmp_path / "end").touch()
    until(lambda: not psutil.pid_exists(child.pid))
    assert (tmp_path / "ended").exists()
