import json

from eventlab.pictures.bench.axis import axis_for
from eventlab.pictures.bench.message import frame_message, picture_message
from eventlab.pictures.bench.run import run
from eventlab.pictures.bench.scenario import Scenario
from tests.pictures.bench.cases import ONE_LATE, event, ms


def test_a_picture_tells_events_by_their_place():
    """Columns as long as there are events; windows and the late point into them."""
    message = json.loads(json.dumps(picture_message(run(ONE_LATE), axis_for(ONE_LATE))))
    assert message["id"] == ["1", "2", "3", "4", "5"]
    assert message["time"] == [ms(s) for s in (10, 30, 75, 40, 80)]
    assert [window["events"] for window in message["filled"]] == [[0, 1], [2, 4]]
    assert message["missed"] == [{"place": 3, "end": ms(60), "closed": ms(70)}]
    assert message["settings"]["grace"] == 10_000


def test_a_frame_offers_joins_only_where_there_are_two_sides():
    """And measures only where there are values."""
    frame = frame_message(ONE_LATE, axis_for(ONE_LATE))
    assert (frame["joins"], frame["has_values"]) == ((), True)
    both = Scenario((event(1, 0), event(2, 5, side="right")))
    assert "outer join" in frame_message(both, axis_for(both))["joins"]


def test_every_status_has_its_colour():
    """The page draws with what Python says."""
    frame = frame_message(ONE_LATE, axis_for(ONE_LATE))
    assert set(frame["statuses"]) < set(frame["colours"])
