"""What is reported of a broker's nodes, one by one and all together."""

import json

import pytest

from eventlab.broker.states import BrokerState, NodeState, read_state, together


def nodes(*states: str) -> list[NodeState]:
    """Return nodes in these states, each with a reason of its own."""
    return [
        NodeState(number, state, f"reason {number}", port=9000 + number, pid=number)
        for number, state in enumerate(states, 1)
    ]


def test_one_node_is_the_broker():
    """What is said of it is said of the broker."""
    (node,) = nodes("suspended")
    state = together([node], ["me"], kept=True)
    assert (state.state, state.reason, state.port, state.pid) == ("suspended", "reason 1", 9001, 1)
    assert (state.users, state.kept, state.nodes) == (["me"], True, [node])


@pytest.mark.parametrize(
    ("states", "all_together"),
    [
        (["running", "running", "starting"], "starting"),
        (["running", "stopping"], "stopping"),
        (["running", "failed", "running"], "failed"),
        (["running", "stopped", "running"], "running"),
        (["suspended", "stopped"], "suspended"),
        (["stopped", "stopped"], "stopped"),
    ],
)
def test_several_nodes_are_one_broker(states, all_together):
    """It is in change while one of them is, and runs as long as one does."""
    state = together(nodes(*states), [], kept=False)
    assert state.state == all_together
    assert [state.of(number) for number in range(1, len(states) + 1)] == states
    assert (state.of(None), state.of(9)) == (all_together, "unknown")


def test_it_survives_the_way_to_the_users():
    """As JSON, with its nodes; what a later version adds is passed over."""
    state = together(nodes("running", "stopped"), ["me"], kept=False)
    message = json.loads(json.dumps(state.message()))
    assert read_state(message) == state
    message["nodes"][0]["colour"] = message["colour"] = "blue"
    assert read_state(message | {"handled": 3}) == state
    assert read_state({"state": "running"}) == BrokerState("running")


def test_a_lost_broker_was_somewhere():
    """All that is left of it is its port, and no node of it is anything but lost."""
    lost = together(nodes("running"), ["me"], kept=False).lost()
    assert (lost.state, lost.port, lost.nodes, lost.of(1)) == ("lost", 9001, [], "lost")
