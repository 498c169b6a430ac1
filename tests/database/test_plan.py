"""What the supervisor is told, as it arrives there."""

import pickle
from pathlib import Path

from eventlab.database.identity import Identity
from eventlab.database.plan import ServerPlan


def test_a_plan_arrives_as_it_was_sent():
    """Nothing is lost on the way, and all that is kept is in its folder."""
    plan = ServerPlan("home", "postgres", "data", "template", Identity(1), {}, "x", 2.0)
    arrived = pickle.loads(pickle.dumps(plan))
    assert arrived == plan
    kept = {arrived.lock, arrived.state, arrived.port_file, arrived.log, arrived.password}
    assert {path.parent for path in kept} == {Path("home")}
    assert len(kept) == 5
