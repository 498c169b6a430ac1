"""The contract between whoever starts a supervisor and the supervisor."""

import json
from dataclasses import asdict

from eventlab.broker.plan import Plan, log_file, state_file

PLAN = Plan("/a, b/é", ["java", "x"], {"LANG": "C"}, "/template", "secret", 2.0)


def test_it_survives_the_way_through_json():
    """What the supervisor reads is what the starter wrote."""
    assert Plan(**json.loads(json.dumps(asdict(PLAN)))) == PLAN


def test_everything_has_its_place_in_the_folder():
    """All names come from the folder alone, so that both sides find them."""
    paths = [PLAN.data, PLAN.log, PLAN.lock, PLAN.state]
    assert {str(path.parent) for path in paths} == {"/a, b/é"}
    assert len(set(paths)) == 4
    assert PLAN.log == log_file(PLAN.data.parent)
    assert PLAN.state == state_file(PLAN.data.parent)
