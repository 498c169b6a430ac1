import pytest

from eventlab.log import Topic

pytestmark = pytest.mark.broker


def test_a_name_gets_the_chapter_s_prefix_once(lab):
    """A topic that is passed as such stays what it is."""
    assert lab.name(lab.name("orders")) == f"{lab.chapter}.orders"
    assert lab._topic("orders").name == lab.name("orders")
    foreign = Topic(lab.cluster, "elsewhere")
    assert lab._topic(foreign) is foreign
