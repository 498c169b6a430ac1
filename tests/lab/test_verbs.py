"""What one does with topics, events, flows and tables, under any prefix."""

import pytest

from eventlab.errors import UsageError
from eventlab.lab.verbs import Verbs
from eventlab.log import topics
from tests.lab.orders import orders

pytestmark = pytest.mark.broker


@pytest.fixture
def verbs(lab):
    return Verbs(lab.broker, lab.cluster, f"{lab.name('apart')}.")


def test_everything_has_the_prefix(lab, verbs):
    """Topics, groups, and what is written to them."""
    verbs.produce(orders(3), into=verbs.new_topic("orders"))
    assert verbs.topic("orders").name == f"{lab.name('apart')}.orders"
    assert verbs.new_group("audit").startswith(lab.name("apart.audit."))
    assert len(verbs.read("orders")) == 3
    assert len(topics(lab.cluster, lab.name("apart"))) == 1


def test_a_name_that_has_the_prefix_already_is_the_same_name(verbs):
    """So a topic's own name may be passed on."""
    assert verbs.name(verbs.name("orders")) == verbs.name("orders")


@pytest.mark.parametrize("name", ["", " ", "a\nb", "a" * 201])
def test_a_name_that_nobody_can_read_is_refused(verbs, name):
    """With what a name may be."""
    with pytest.raises(UsageError, match="letters that can be read"):
        verbs.name(name)


def test_a_player_begins_at_once(verbs):
    """And ends when another plays into the same topic."""
    topic = verbs.new_topic("orders")
    first = verbs.play(orders(20), into=topic, speed=1e-9)
    second = verbs.play(orders(20), into=topic, speed=0)
    assert first.status.state == "stopped"
    assert second.wait().sent == 20
