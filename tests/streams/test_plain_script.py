"""docs/several-machines.md, as its reader would follow it."""

import os
import re
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

import pytest

from eventlab.errors import RecoveryError, UsageError
from eventlab.events import Shop
from eventlab.flows import prepare_store
from eventlab.log import produce, read
from tests.streams.counting import numbered
from tests.waiting import until

pytestmark = pytest.mark.broker

PAGE = Path(__file__).parents[2] / "docs" / "several-machines.md"


@pytest.fixture
def script(tmp_path, new_topic):
    """Return what starts the page's script as one of several processes; all end with the test."""
    one, two = new_topic(4), new_topic()
    text = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)[1]
    (tmp_path / "counting.py").write_text(text, encoding="utf-8")
    names = {"ORDERS": one.name, "COUNTS": two.name}
    kafka = {"KAFKA": one.cluster.settings["bootstrap.servers"]}
    with ExitStack() as started:

        def start(*options: str) -> subprocess.Popen:
            command = [sys.executable, "-m", "bytewax.run", "counting:flow", *options]
            path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
            environment = os.environ | names | kafka | {"PYTHONPATH": path}
            process = started.enter_context(
                subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE)
            )
            started.callback(process.kill)
            return process

        yield one, two, start


def addresses(number: int) -> str:
    """Return as many free ones, as bytewax wants them."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return ";".join(f"127.0.0.1:{one.getsockname()[1]}" for one in sockets)


def answer(topic) -> dict[str, int]:
    """Return the number of each order, each known by its id."""
    once = read(topic).events.drop_duplicates(["id", "number"])
    assert once["id"].is_unique
    return dict(zip(once["id"], once["number"], strict=True))


def test_one_process_and_two_give_the_same_answer(script):
    """The script knows nothing of it."""
    one, two, start = script
    orders = list(islice(Shop(seed=5).orders(), 1_000))
    produce(one, orders)
    alone = start()
    alone.communicate(timeout=60)
    assert (alone.returncode, answer(two)) == (0, numbered(orders))
    two.reset()
    places = addresses(2)
    both = [start("-i", str(number), "-a", places) for number in range(2)]
    assert [process.wait(60) for process in both] == [0, 0]
    assert answer(two) == numbered(orders)


@pytest.mark.long
def test_one_of_two_is_killed_and_after_the_three_lines_again_all_is_right(script, tmp_path):
    """The other ends by itself; what was written twice bears the same ids."""
    one, two, start = script
    orders = list(islice(Shop(seed=6).orders(), 20_000))
    produce(one, orders)
    store = tmp_path / "store"

    def run() -> list[subprocess.Popen]:
        prepare_store(store)
        places = addresses(2)
        more = ["-r", str(store), "-s", "0", "-b", "0", "-a", places]
        return [start("-i", str(number), *more) for number in range(2)]

    first = run()
    until(lambda: two.end_offsets()[0] > 2_000)
    os.kill(first[1].pid, signal.SIGKILL)
    for process in first:
        process.communicate(timeout=30)
    assert all(process.returncode != 0 for process in first)
    assert two.end_offsets()[0] < len(orders)
    assert [process.wait(60) for process in run()] == [0, 0]
    assert answer(two) == numbered(orders)


def test_a_folder_with_something_else_is_no_store(tmp_path):
    """Nothing in it is touched."""
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(RecoveryError, match="found 1 files"):
        prepare_store(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize("folder", ["a\0b", "a" * 300])
def test_a_folder_that_cannot_be_is_refused(folder):
    """Before anything is made."""
    with pytest.raises(UsageError, match="folder"):
        prepare_store(folder)
