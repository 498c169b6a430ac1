import os
import subprocess
import sys

import pytest

from eventlab.flows.stderr_filter import PanicFilter, StderrFilter
from tests.waiting import until

PANIC = (
    b"\nthread '<unnamed>' panicked at src/operators.rs:198:33:\nBox<dyn Any>\n"
    b"note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n"
)
PANIC_OF_A_CLUSTER = (
    b"RuntimeError: (src/run.rs:292:17) panicked at /build/timely/src/zero_copy/tcp.rs:21:5:\n"
    b"timely communication error: reading data: Connection reset by peer (os error 104)\n"
)
PANICS = """
import sys
import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource, run_main
from eventlab.flows.stderr_filter import filter_stderr

filter_stderr()
filter_stderr()
print("before", file=sys.stderr, flush=True)
flow = Dataflow("panics")
numbers = op.input("in", flow, TestingSource([1]))
op.output("out", op.map("divide", numbers, lambda n: n / 0), TestingSink([]))
try:
    run_main(flow)
except Exception as error:
    print(type(error).__name__)
print("after", file=sys.stderr, flush=True)
"""


@pytest.mark.parametrize(
    ("text", "passing"),
    [
        (b"a warning\n", b"a warning\n"),
        (PANIC, b""),
        (b"before\n" + PANIC + b"after\n", b"before\nafter\n"),
        (PANIC + PANIC, b""),
        (b"before\n" + PANIC_OF_A_CLUSTER + b"after\n", b"before\nafter\n"),
        (PANIC + PANIC_OF_A_CLUSTER + PANIC_OF_A_CLUSTER + PANIC, b""),
        (b"RuntimeError: it panicked at noon\n", b"RuntimeError: it panicked at noon\n"),
        (b"thread 'x' is no panic\n", b"thread 'x' is no panic\n"),
        (b"\n\nempty lines\n\n", b"\n\nempty lines\n\n"),
        (b"worker 1:\terror connecting to worker 0: refused (os error 111); retrying\n", b""),
        (b"name? ", b"name? "),
        (b"", b""),
    ],
)
@pytest.mark.parametrize("piece", [1, 7, 1000])
def test_only_panics_are_held_back(text, passing, piece):
    """Everything else passes, in order, in whatever pieces it comes."""
    panics = PanicFilter()
    pieces = [text[at : at + piece] for at in range(0, len(text), piece)]
    assert b"".join(map(panics.passed, pieces)) + panics.rest() == passing
    assert not panics.holds


def test_it_ends_at_once_though_others_still_have_a_copy_of_what_it_stood_before():
    """A program that was started meanwhile may go on; what was written before has passed."""
    reads, writes = os.pipe()
    standing = StderrFilter(writes)
    standing.start()
    copy = os.dup(writes)
    os.write(copy, b"half a line")
    standing.end()
    standing.end()
    assert os.read(reads, 100) == b"half a line"
    for descriptor in (reads, writes, copy):
        os.close(descriptor)


def test_a_flow_that_panics_writes_nothing_to_stderr():
    """The process's own words on stderr all arrive, bytewax's do not."""
    done = subprocess.run([sys.executable, "-c", PANICS], capture_output=True, timeout=60)
    assert done.stdout.decode().split() == ["BytewaxRuntimeError"]
    assert done.stderr.decode().split() == ["before", "after"]


def test_a_filter_that_fails_steps_aside_and_says_so(monkeypatch, caplog):
    """Whoever writes is not left with a pipe that nobody reads."""
    monkeypatch.setattr(PanicFilter, "passed", lambda *_: 1 / 0)
    reads, writes = os.pipe()
    standing = StderrFilter(writes)
    standing.start()
    os.write(writes, b"lost")
    until(lambda: "stderr is not filtered any more" in caplog.text)
    os.write(writes, b"written")
    assert os.read(reads, 100) == b"written"
    standing.end()
    for descriptor in (reads, writes):
        os.close(descriptor)
