"""Every chapter runs on a learner's own Kafka of an old release, unchanged."""

import pytest

from eventlab.course.chapters import chapters
from tests.course.harness import executed

pytestmark = [
    pytest.mark.broker,
    pytest.mark.long,
    pytest.mark.notebook,
    pytest.mark.timeout(600),
]


@pytest.mark.parametrize("number", [chapter.number for chapter in chapters()])
def test_a_chapter_runs_to_its_end(on_old_kafka, tmp_path, number):
    """And what it says it shows there too."""
    run = executed(number, tmp_path).run
    assert run.error == ""
    assert run.claims
    assert run.flipped == []
