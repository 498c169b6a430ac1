import json
from datetime import timedelta

import msgspec

from eventlab.pictures.bench import Scenario, run
from tests.pictures.bench.cases import NOON, ONE_LATE, SECOND, event


def test_windows_and_late_are_frames():
    """One row a window, and one for each event that came too late for one."""
    result = run(ONE_LATE)
    assert result.windows["value"].tolist() == [2, 2]
    assert result.windows["start"].tolist() == [NOON, NOON + 60 * SECOND]
    assert result.windows["closed_by"].isna().tolist() == [False, True]
    (late,) = result.late.to_dict("records")
    assert (late["id"], late["missed_by"]) == ("4", timedelta(seconds=5))
    assert "5 s too late" in late["reason"]


def test_events_stand_in_the_order_of_arrival():
    """With the watermark at which each arrived, and what became of it."""
    events = run(ONE_LATE).events
    assert list(events) == ["id", "key", "side", "time", "status", "watermark", "words"]
    assert events["watermark"].tolist() == [NOON + s * SECOND for s in (10, 30, 75, 75, 80)]
    assert events["status"].value_counts().to_dict() == {"on time": 4, "too late": 1}


def test_without_windows_and_pairs_the_frames_are_empty():
    """They have their columns all the same."""
    result = run(Scenario((event(1, 0),), kind="inner join"))
    assert [len(one) for one in (result.windows, result.late, result.pairs)] == [0, 0, 0]
    assert list(result.pairs) == ["key", "left", "right"]
    assert "reason" in result.late


def test_pairs_have_none_where_a_side_is_missing():
    """None, and not a number."""
    pairs = run(Scenario((event(1, 0),), kind="left join")).pairs
    assert pairs.to_dict("records") == [{"key": "a", "left": "1", "right": None}]


def test_a_result_can_be_kept_as_json():
    """Scenario and all; and its words count."""
    kept = json.loads(json.dumps(run(ONE_LATE).to_builtins()))
    assert msgspec.convert(kept["scenario"], Scenario) == ONE_LATE
    assert [one["id"] for one in kept["late"]] == ["4"]
    assert (
        repr(run(ONE_LATE)) == "Result(2 windows; 4 on time, 0 late, 0 partly too late, 1 too late)"
    )
