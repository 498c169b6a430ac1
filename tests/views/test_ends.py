import time

import pytest

from eventlab.views.ends import EndWatch
from tests.views.counts import filled
from tests.waiting import until

pytestmark = pytest.mark.broker


def looked(watch: EndWatch, position: dict, at: float) -> None:
    """Look until there is an answer, at some time."""
    watch.look(position, at)

    def answered() -> bool:
        watch.look(position, at)
        return watch._answers is None

    until(answered)


def test_it_ages_from_the_last_look_that_found_it_complete(new_topic, cluster):
    """By the clock that it is given."""
    topic = filled(new_topic(), 5)
    watch = EndWatch(cluster)
    now = time.monotonic()
    looked(watch, {topic.name: {0: 5}}, now)
    assert watch.age_seconds(now + 0.5) == 0
    filled(topic, 1)
    looked(watch, {topic.name: {0: 5}}, now + 2)
    assert watch.age_seconds(now + 7) == pytest.approx(7)


def test_who_has_no_answer_for_long_does_not_know(cluster):
    """It is as old as its last knowledge; and while it rests it ages at once."""
    watch = EndWatch(cluster)
    watch.note_all(100)
    assert watch.age_seconds(102) == 0
    assert watch.age_seconds(110) == 10
    watch.rest()
    assert watch.age_seconds(102) == 2
