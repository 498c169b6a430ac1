import subprocess
import sys
from datetime import timedelta

import bytewax.operators as op
import cloudpickle
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource

from eventlab.flows.worker import GO, Plan
from eventlab.processes.child import spawn


def test_a_process_carries_nothing_that_it_never_needs():
    """pandas alone would be more than half of its memory."""
    heavy = "import sys, eventlab.flows.worker; print({'pandas', 'altair'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", heavy], capture_output=True, check=True)
    assert done.stdout.split() == [b"set()"]


def test_a_process_ends_with_whoever_started_it():
    """An endless flow ends when its standard input does."""
    flow = Dataflow("endless")
    op.output("out", op.input("in", flow, TestingSource(iter(int, 1))), TestingSink([]))
    plan = Plan(cloudpickle.dumps(flow), sys.path, 0, [], timedelta(1), None)
    worker = spawn("eventlab.flows.worker")
    worker.send(plan)
    worker.command(GO)
    while worker.receive().count < 10:
        pass
    worker._to_child.close()
    assert worker.wait() == 1
