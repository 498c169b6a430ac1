import json

import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource, run_main

from eventlab.errors import RecoveryError
from eventlab.streams.recovery import forget, recovery_config

INPUT = ["a", "b", "a", TestingSource.EOF(), "a", "b"]


def counts(name: str = "counts", step: str = "count", out: list | None = None) -> Dataflow:
    """Return a flow that counts its keys."""
    flow = Dataflow(name)
    keys = op.key_on("key", op.input("in", flow, TestingSource(list(INPUT))), str)
    counted = op.stateful_map(step, keys, lambda n, _key: ((n or 0) + 1, (n or 0) + 1))
    op.output("out", counted, TestingSink([] if out is None else out))
    return flow


def test_a_flow_goes_on_where_it_was(tmp_path):
    """The second run begins with what the first one knew."""
    out: list = []
    for _ in range(2):
        flow = counts(out=out)
        run_main(flow, recovery_config=recovery_config(tmp_path / "store", flow))
    assert [pair for pair in out if pair[0] == "a"] == [("a", 1), ("a", 2), ("a", 3)]


@pytest.mark.parametrize(
    ("other", "said"),
    [(counts("others"), "another flow"), (counts(step="tally"), "other steps")],
    ids=["flow", "steps"],
)
def test_the_store_of_another_flow_is_refused(tmp_path, other, said):
    """Its state would be lost, or taken for what it is not."""
    recovery_config(tmp_path / "store", counts())
    with pytest.raises(RecoveryError, match=f"{said}: expected .*, found .*Give this flow another"):
        recovery_config(tmp_path / "store", other)


def test_the_store_of_another_version_is_refused(tmp_path):
    """What it wrote may mean something else today."""
    recovery_config(tmp_path / "store", counts())
    label = tmp_path / "store" / "flow.json"
    label.write_text(json.dumps(json.loads(label.read_text()) | {"bytewax": "0.20"}))
    with pytest.raises(RecoveryError, match=r"bytewax: expected 0\.21\.1, found 0\.20"):
        recovery_config(tmp_path / "store", counts())


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    """Nothing of the learner's is taken for a store, or written over."""
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(RecoveryError, match="expected an empty folder"):
        recovery_config(tmp_path, counts())
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_store_can_be_forgotten(tmp_path):
    """Then another flow may have the folder."""
    recovery_config(tmp_path / "store", counts())
    forget(tmp_path / "store")
    forget(tmp_path / "store")
    recovery_config(tmp_path / "store", counts("others"))
