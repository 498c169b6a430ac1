import pytest

from eventlab.live.joins import ALONE, MATCHED, PAIR, WAITING
from eventlab.log import Record, produce
from eventlab.pictures import JoinPicture
from eventlab.streams import Joined, TopicSink
from tests.pictures.charts import rows
from tests.streams.histories import NOON
from tests.waiting import until

pytestmark = pytest.mark.broker


@pytest.mark.parametrize("results_first", [True, False])
def test_events_wait_match_or_stay_alone(new_topic, results_first):
    """Whichever topic is read first."""
    left, right, joined = new_topic(), new_topic(), new_topic()

    def write_events():
        produce(left, [Record(key, b"{}", NOON + at) for key, at in (("a", 0), ("b", 1), ("c", 2))])
        produce(right, [Record("a", b"{}", NOON + 5)])

    def write_results():
        part = TopicSink(joined).build("out", 0, 1)
        part.write_batch([("a", Joined({}, {}, NOON, NOON + 5))])
        part.write_batch([("b", Joined({}, None, NOON + 1, None))])
        part.close()

    steps = [write_results, write_events] if results_first else [write_events, write_results]
    picture = JoinPicture(left, right, joined)
    try:
        for step in steps:
            step()
        until(lambda: len(rows(picture)) == 5)
        until(lambda: rows(picture)[f"left b {NOON + 1}"]["what"] == ALONE)
        found = rows(picture)
    finally:
        picture.stop()
    assert found[f"left a {NOON}"]["what"] == found[f"right a {NOON + 5}"]["what"] == MATCHED
    assert found[f"left c {NOON + 2}"]["what"] == WAITING
    pair = found[f"pair a {NOON} {NOON + 5}"]
    assert (pair["what"], pair["at"], pair["until"]) == (PAIR, NOON, NOON + 5)
    assert pair["lane"] == found[f"left a {NOON}"]["lane"]
    assert pair["other_lane"] == found[f"right a {NOON + 5}"]["lane"]
