"""Every chapter runs on a learner's own Kafka of an old release, unchanged.

Each on one of the releases, in turn: chapters take minutes, and `test_old_kafka` calls every verb
that they have on both.
"""

from itertools import cycle

import pytest

from eventlab.course.chapters import chapters
from tests.clusters.releases import OLD
from tests.course.harness import executed

pytestmark = [
    pytest.mark.broker,
    pytest.mark.long,
    pytest.mark.notebook,
    pytest.mark.timeout(600),
]


NUMBERS = [chapter.number for chapter in chapters()]
IN_TURN = sorted(zip(cycle(OLD), NUMBERS, strict=False))  # one release after the other


@pytest.mark.parametrize(("old_kafka", "number"), IN_TURN, indirect=["old_kafka"])
def test_a_chapter_runs_to_its_end(on_old_kafka, tmp_path, number):
    """And what it says it shows there too."""
    run = executed(number, tmp_path).run
    assert run.error == ""
    assert run.claims
    assert run.flipped == []
