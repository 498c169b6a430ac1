"""The contract between whoever starts a supervisor and the supervisor."""

import pickle
from pathlib import Path

from eventlab.broker.plan import NodePlan, Plan, log_file, node_folder, node_folders, state_file

NODE = NodePlan("/a, b/é", ["java", "x"], "/template")
PLAN = Plan("/a, b/é", [NODE], {"LANG": "C"}, "secret", 2.0)


def test_it_survives_the_way_to_the_supervisor():
    """What the supervisor reads is what the starter wrote."""
    assert pickle.loads(pickle.dumps(PLAN)) == PLAN


def test_everything_has_its_place_in_the_folder():
    """All names come from the folder alone, so that both sides find them."""
    paths = [NODE.data, NODE.log, PLAN.lock, PLAN.state]
    assert {str(path.parent) for path in paths} == {"/a, b/é"}
    assert len(set(paths)) == 4
    assert NODE.log == log_file(NODE.data.parent)
    assert PLAN.state == state_file(NODE.data.parent)


def test_each_node_has_a_folder(tmp_path):
    """The first one that of the broker, as if it were alone; all that there ever were are found."""
    assert node_folder(tmp_path, 1) == tmp_path
    for number in (2, 3):
        node_folder(tmp_path, number).mkdir()
    assert node_folders(tmp_path) == [node_folder(tmp_path, number) for number in (1, 2, 3)]
    assert node_folders(Path("/nowhere")) == [Path("/nowhere")]
