import pytest

from eventlab.log import Topic, groups
from tests.calls.world import made
from tests.services import apps
from tests.waiting import until

pytestmark = pytest.mark.broker


def test_what_a_world_leaves_behind_is_in_no_other_one_s_way():
    """Its topics stay on the broker; the next world's have names of their own."""
    names = []
    for _ in range(2):
        with made() as world:
            topic = world.fresh_topic().create()
            assert topic.name in world.look()["topics"]
            names.append(topic.name)
    assert len(set(names)) == 2


def test_a_world_sees_only_its_own():
    """So that what another one does at the same time is no change in it."""
    with made() as one, made() as other:
        before = other.look()
        Topic(one.lab.cluster, one.lab.name("more")).create()
        assert other.look() == before


def test_the_group_of_a_killed_service_is_no_change():
    """It can come in any later cell: the service was joining it when it was killed."""
    with made() as world:
        before = world.look()
        service = world.lab.subscribe(world.name(), apps.nothing, to="played", traced=False)
        until(lambda: world.lab.name(service.name) in set(groups(world.lab.cluster)["group"]))
        assert world.look() != before
        world.kill(service)
        assert world.look() == before
