import pytest

from eventlab.course.serving import serve
from eventlab.log import produce
from eventlab.streams import Table

pytestmark = pytest.mark.broker


def test_it_answers_with_the_rows_as_they_are(new_topic):
    """Asked again it has what is new; stopped twice it is gone."""
    topic = new_topic()
    produce(topic, [("ann", {"open": 2}), ("bob", {"open": 1})])
    with Table(topic) as table:
        service = serve(table.catch_up())
        assert service.ask("/open") == {"ann": {"open": 2}, "bob": {"open": 1}}
        produce(topic, [("bob", None)])
        table.catch_up()
        assert service.ask("/open") == {"ann": {"open": 2}}
        service.stop()
        service.stop()
        with pytest.raises(ConnectionRefusedError):
            service.ask("/open")
