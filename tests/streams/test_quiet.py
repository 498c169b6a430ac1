import os
import subprocess
import sys

import pytest

from eventlab.streams.quiet import Screen, Sieve

PANIC = (
    b"\nthread '<unnamed>' panicked at src/operators.rs:198:33:\nBox<dyn Any>\n"
    b"note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n"
)
PANICS = """
import sys
import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource, run_main
from eventlab.streams.quiet import keep_quiet

keep_quiet(), keep_quiet()
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
    sieve = Sieve()
    pieces = [text[at : at + piece] for at in range(0, len(text), piece)]
    assert b"".join(map(sieve.passed, pieces)) + sieve.rest() == passing
    assert not sieve.holds


def test_it_ends_at_once_though_others_still_have_a_copy_of_what_it_stood_before():
    """A program that was started meanwhile may go on; what was written before has passed."""
    reads, writes = os.pipe()
    screen = Screen(writes)
    copy = os.dup(writes)
    os.write(copy, b"half a line")
    screen.end()
    assert os.read(reads, 100) == b"half a line"
    for descriptor in (reads, writes, copy):
        os.close(descriptor)


def test_a_flow_that_panics_leaves_nothing_on_the_screen():
    """The process's own words on stderr all arrive, bytewax's do not."""
    done = subprocess.run([sys.executable, "-c", PANICS], capture_output=True, timeout=60)
    assert done.stdout.decode().split() == ["BytewaxRuntimeError"]
    assert done.stderr.decode().split() == ["before", "after"]
