"""The nodes of a broker: one as ever, and two by the same list (three scripts: test_supervisor)."""

import secrets

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from eventlab.broker import prepare
from eventlab.broker.java import java_environment
from eventlab.broker.lease import opened
from eventlab.broker.nodes import node_plans
from eventlab.broker.plan import Plan, node_folder
from eventlab.broker.properties import properties_file
from eventlab.broker.supervision import supervise
from tests.waiting import until

pytestmark = pytest.mark.broker


def test_one_node_is_its_own_controller_in_the_broker_s_folder(home):
    """With the template that all brokers of this machine begin with."""
    folder = home / "data"
    folder.mkdir()
    ready = prepare()
    (node,) = node_plans(ready, folder)
    assert (node.folder, node.number, node.is_controller) == (str(folder), 1, True)
    assert node.template == str(ready.template)
    assert node.command[-1] == str(properties_file(folder))


def test_two_nodes_of_kafka_are_one_broker(home):
    """A topic has a replica on each; one of them can be killed and comes back into its place."""
    folder = home / "data"
    folder.mkdir()
    plan = Plan(
        folder=str(folder),
        nodes=node_plans(prepare(), folder, count=2),
        environment=java_environment(),
        token=secrets.token_hex(16),
        linger_seconds=0.1,
    )
    assert [node.folder for node in plan.nodes] == [
        str(node_folder(folder, number)) for number in (1, 2)
    ]
    lease = opened(supervise(plan), plan.token, "a test", lambda _state: None)
    reported = lease.await_state({"running", "failed"}, 60)
    assert [node.state for node in reported.nodes] == ["running"] * 2, reported
    client = AdminClient({"bootstrap.servers": f"127.0.0.1:{reported.port}"})
    until(lambda: len(client.list_topics(timeout=5).brokers) == 2)
    for future in client.create_topics([NewTopic("twice", 2, 2)]).values():
        future.result(30)
    assert lease.ask("kill", {"stopped"}, 20, node=2).state == "running"
    until(lambda: _in_sync(client) == {1})
    lease.ask("start", {"running"}, 60, node=2)
    until(lambda: _in_sync(client) == {1, 2})
    lease.ask("end", {"lost"}, 30)
    lease.close()


def _in_sync(client: AdminClient) -> set[int]:
    """Return the nodes on which every partition is in sync."""
    partitions = client.list_topics(topic="twice", timeout=5).topics["twice"].partitions
    return set.intersection(*(set(one.isrs) for one in partitions.values()))
