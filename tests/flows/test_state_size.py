from datetime import timedelta

import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource, run_main

from eventlab.flows.control import Control, attach_control
from eventlab.flows.state_size import measured
from eventlab.streams.bytewax_steps import builder_of, steps


def test_the_bytes_of_state_are_those_that_are_kept_at_the_end():
    """By step; what was discarded counts for nothing."""
    control, made = Control(), Dataflow("weighed")
    pairs = op.input("in", made, TestingSource([("a", 1), ("b", 2), ("a", 3)]))
    kept = op.stateful_map("kept", pairs, lambda state, value: ((state or "") + "x" * 100, value))
    dropped = op.stateful_map("dropped", kept, lambda state, value: (None, value))
    op.output("out", dropped, TestingSink([]))
    attach_control(made, control)
    run_main(made)
    by_step = control.status.state_bytes
    assert set(by_step) == {"kept", "dropped"}
    assert 300 < by_step["kept"] < 400
    assert by_step["dropped"] == 0


def test_a_measured_logic_does_what_the_logic_does():
    """Each call goes through: items, the moment of the next one, and the state."""
    made = Dataflow("plain")
    pairs = op.input("in", made, TestingSource([]))
    op.output("out", op.collect("collect", pairs, timedelta(hours=1), 2), TestingSink([]))
    (build,) = filter(None, map(builder_of, steps(made)))
    sizes = {"collect": 0}
    plain, logic = build(None), measured(build, "collect", sizes)(None)
    assert list(logic.on_batch([1])[0]) == list(plain.on_batch([1])[0]) == []
    assert logic.notify_at() is not None
    assert logic.snapshot() is not None
    assert sizes["collect"] > 0
    assert [list(logic.on_notify()[0]), list(logic.on_eof()[0])] == [
        list(plain.on_notify()[0]),
        list(plain.on_eof()[0]),
    ]
    assert sizes["collect"] == 0


def test_what_takes_long_to_count_is_not_counted_at_every_epoch():
    """At most a twentieth of the time of the process goes into it; nothing of the state is lost."""
    made = Dataflow("large")
    pairs = op.input("in", made, TestingSource([]))
    op.output("out", op.collect("collect", pairs, timedelta(hours=1), 10**6), TestingSink([]))
    (build,) = filter(None, map(builder_of, steps(made)))
    sizes = {"collect": 0}
    logic = measured(build, "collect", sizes)(None)
    logic.on_batch([f"value {number}" for number in range(200_000)])
    logic.snapshot()
    counted = sizes["collect"]
    logic.on_batch(["one more"])
    assert len(logic.snapshot().acc) == 200_001
    assert sizes["collect"] == counted > 0
