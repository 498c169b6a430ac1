"""A sink that hands on what it gets."""

import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSource, run_main

from eventlab.sql.running.collecting import Collector


def test_what_leaves_a_flow_comes_in_order():
    """Batch by batch, and nothing is left out."""
    flow, batches = Dataflow("collected"), []
    op.output("out", op.input("in", flow, TestingSource(range(10), batch_size=4)),
              Collector(batches.append))  # fmt: skip
    run_main(flow)
    assert [item for batch in batches for item in batch] == list(range(10))
