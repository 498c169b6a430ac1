import io
import os
import subprocess
import sys
from datetime import timedelta

import bytewax.operators as op
import cloudpickle
import pytest
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource

from eventlab.streams.status import Status
from eventlab.streams.worker import GO, Plan, receive, send


def test_what_is_sent_is_received():
    """Frame by frame; the end and half a frame are the end."""
    channel = io.BytesIO()
    for thing in (Status(count=3), None, ["x" * 100_000]):
        send(channel, thing)
    channel.seek(0)
    assert [receive(channel) for _ in range(3)] == [Status(count=3), None, ["x" * 100_000]]
    with pytest.raises(EOFError):
        receive(channel)


def test_a_process_carries_nothing_that_it_never_needs():
    """pandas alone would be more than half of its memory."""
    heavy = "import sys, eventlab.streams.worker; print({'pandas', 'altair'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", heavy], capture_output=True, check=True)
    assert done.stdout.split() == [b"set()"]


def test_a_process_ends_with_whoever_started_it():
    """An endless flow ends when its standard input does."""
    flow = Dataflow("endless")
    op.output("out", op.input("in", flow, TestingSource(iter(int, 1))), TestingSink([]))
    plan = Plan(cloudpickle.dumps(flow), sys.path, 0, [], timedelta(1), None)
    worker = subprocess.Popen(
        [sys.executable, "-P", "-c", "from eventlab.streams.worker import main; main()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=dict(os.environ),
    )
    with worker:
        send(worker.stdin, plan)
        worker.stdin.write(GO)
        worker.stdin.flush()
        while receive(worker.stdout).count < 10:
            pass
        worker.stdin.close()
        assert worker.wait(30) == 1
