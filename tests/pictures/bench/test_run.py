from collections import defaultdict
from importlib import import_module

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventlab.errors import FlowError
from eventlab.pictures.bench import Scenario, run
from eventlab.pictures.bench.result import LATE, ON_TIME, TOO_LATE
from eventlab.pictures.bench.scenario import KINDS, MILLISECOND
from tests.pictures.bench.cases import ONE_LATE, SECOND, event, ms, scenario, scenarios
from tests.properties import examples

run_module = import_module("eventlab.pictures.bench.run")  # the room's name for it is the function


def numbers(made: Scenario):
    return [
        getattr(made, name) // MILLISECOND for name in ("length", "hop", "gap", "grace", "bound")
    ]


def watermarks(made: Scenario) -> list[int]:
    """Return, without the flow, the watermark after each arrival; it begins before all times."""
    *_, bound = numbers(made)
    newest = -1
    return [newest := max(newest, one.milliseconds - bound) for one in made.events]


def fixed(made: Scenario):
    """Return, without the flow, what hopping windows hold, and who missed which."""
    length, hop, _, grace, _ = numbers(made)
    held, missed = defaultdict(list), []
    for one, mark in zip(made.events, watermarks(made), strict=True):
        time = one.milliseconds
        for start in range(time // hop * hop, time - length, -hop):
            if mark >= start + length + grace:
                missed.append((one.id, start))
            else:
                held[one.key, start].append(one.id)
    return dict(held), sorted(missed)


@examples(60)
@given(scenarios("hopping"))
def test_hopping_windows_are_those_of_a_plain_loop(made):
    """Which events each holds, who came too late for which, and the watermark at each arrival."""
    result = run(made)
    held, missed = fixed(made)
    assert {(one.key, one.start): sorted(one.events) for one in result.filled} == {
        place: sorted(ids) for place, ids in held.items()
    }
    assert sorted((one.id, one.start) for one in result.missed) == missed
    assert [outcome.watermark for outcome in result.outcomes] == watermarks(made)


@examples(60)
@given(scenarios("inner join"))
def test_pairs_are_those_of_a_plain_loop(made):
    """Every two of both sides that are near enough, if neither came too late."""
    length, _, _, grace, _ = numbers(made)
    marks = zip(made.events, watermarks(made), strict=True)
    there = [one for one, mark in marks if mark <= one.milliseconds + length + grace]
    expected = {
        (one.id, other.id)
        for one in there
        for other in there
        if (one.side, other.side, one.key) == ("left", "right", other.key)
        and abs(one.milliseconds - other.milliseconds) <= length
    }
    result = run(made)
    assert {(pair.left, pair.right) for pair in result.joined} == expected
    assert {one.id for one in result.missed} == {e.id for e in made.events} - {e.id for e in there}


@examples(40)
@given(st.sampled_from(KINDS).flatmap(scenarios), st.integers(1, 4))
def test_the_size_of_batches_changes_nothing(made, batch_size):
    """One by one, or all at once."""
    assert run(made, batch_size=batch_size) == run(made)


@given(st.sampled_from(["tumbling", "sliding", "session"]).flatmap(scenarios))
def test_every_event_is_counted_or_was_too_late(made):
    """None is lost in silence; the dropped are counted nowhere, the others somewhere."""
    result = run(made)
    counted = {event_id for one in result.filled for event_id in one.events}
    assert counted == {outcome.id for outcome in result.outcomes if outcome.status != TOO_LATE}
    assert counted | {one.id for one in result.missed} == {one.id for one in made.events}


def test_exactly_one_event_is_late():
    """Its neighbours are not, and its window counts without it."""
    result = run(ONE_LATE)
    assert [one.id for one in result.missed] == ["4"]
    assert [one.status for one in result.outcomes] == [ON_TIME, ON_TIME, ON_TIME, TOO_LATE, ON_TIME]
    assert [(one.start, one.value, one.closed_by) for one in result.filled] == [
        (ms(0), 2, 2),
        (ms(60), 2, None),
    ]


def test_a_watermark_bound_waits_for_it():
    """With a bound of five seconds more the window is open still, and the event only late."""
    waiting = run(msgspec.structs.replace(ONE_LATE, bound=6 * SECOND))
    assert waiting.missed == ()
    assert [one.status for one in waiting.outcomes][3] == LATE


@pytest.mark.parametrize(
    ("measure", "values"), [("count", [2, 1]), ("sum", [3.0, 3.0]), ("mean", [1.5, 3.0])]
)
def test_windows_tell_their_measure(measure, values):
    """Of the values that the events carry."""
    result = run(scenario(1, 2, 70, length=60 * SECOND, measure=measure))
    assert [one.value for one in result.filled] == values


def test_an_outer_join_tells_who_is_alone():
    """Of both sides; a left join tells of the left only."""
    events = (event(1, 0), event(2, 3, side="right"), event(3, 60), event(4, 120, side="right"))
    made = Scenario(events, kind="outer join", length=5 * SECOND)
    assert [(one.left, one.right) for one in run(made).joined] == [
        ("1", "2"),
        ("3", None),
        (None, "4"),
    ]
    left = run(Scenario(events, kind="left join", length=5 * SECOND))
    assert [(one.left, one.right) for one in left.joined] == [("1", "2"), ("3", None)]


def test_what_goes_wrong_in_the_flow_is_one_error(monkeypatch):
    """The flow's own words, and no panic of bytewax."""
    monkeypatch.setitem(run_module._MEASURES, "count", lambda held: 1 // 0)
    with pytest.raises(FlowError, match="division"):
        run(ONE_LATE)
