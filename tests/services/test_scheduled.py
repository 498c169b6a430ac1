"""A schedule is played by the events of a story."""

from datetime import UTC, datetime, timedelta

import pytest

from eventlab.errors import ServiceError, UsageError
from eventlab.services import Faults, FaultSchedule, Outage
from eventlab.services.scheduled import ScheduledFaults
from tests.services.breaking import Target

HANG = Faults(mode="hang")
SLOW = Faults(latency_seconds=0.5)
NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)


@pytest.fixture
def targets():
    """Two links and a service, and in `all_met` what happened to them, in order."""
    met: list[tuple] = []
    return {name: Target(name, met) for name in ("a", "b", "warehouse")}


def scheduled(targets, *outages) -> ScheduledFaults:
    return ScheduledFaults(FaultSchedule(outages), targets)


def passes(player, *seconds) -> None:
    """Let events arrive, so many seconds after noon."""
    for second in seconds:
        assert player.before(NOON + timedelta(seconds=second), 0)


def test_what_is_named_is_broken_and_mended_as_events_pass(targets):
    """Each at its own moments, counted from the first event, whenever that is."""
    player = scheduled(
        targets,
        Outage(1, 3, "a", HANG),
        Outage(2, 4, "warehouse", "killed"),
        Outage(3, 5, "a", SLOW),
    )
    found = []
    for second in range(6):
        passes(player, second)
        found.append((targets["a"].trouble, targets["warehouse"].trouble))
    assert found == [
        (None, None),
        (HANG, None),
        (HANG, "killed"),
        (SLOW, "killed"),
        (SLOW, None),
        (None, None),
    ]


def test_nothing_is_done_twice(targets):
    """A link that stays as it is hears nothing of it."""
    player = scheduled(targets, Outage(1, 3, "a", HANG), Outage(2, 4, "b", SLOW))
    passes(player, 0, 1, 1, 1.5, 2, 2.5, 3, 4, 5)
    assert targets["a"].all_met == [("a", HANG), ("b", SLOW), ("a", None), ("b", None)]


def test_an_outage_without_an_event_does_not_happen(targets):
    """It lies between two of them."""
    player = scheduled(targets, Outage(1, 2, "a", HANG))
    passes(player, 0, 3)
    assert targets["a"].all_met == []


def test_what_was_sent_before_has_its_answer_first(targets):
    """At full speed: whoever plays asks again, and the event waits as long."""
    player = scheduled(targets, Outage(1, 2, "a", HANG))
    assert player.before(NOON, 3)
    moment = NOON + timedelta(seconds=1)
    assert not player.before(moment, 2)
    assert targets["a"].trouble is None
    assert player.before(moment, 0)
    assert targets["a"].trouble == HANG
    assert player.before(moment, 1)


def test_what_breaks_goes_before_what_is_mended(targets):
    """A crash behind a broken link saves nothing."""
    player = scheduled(targets, Outage(1, 2, "a", HANG), Outage(2, 3, "warehouse", "killed"))
    passes(player, 0, 1, 2)
    assert targets["a"].all_met[1:] == [("warehouse", "killed"), ("a", None)]


def test_the_end_of_the_story_mends_all(targets):
    """Once; and what another has mended is left alone."""
    player = scheduled(targets, Outage(0, 9, "a", HANG), Outage(5, 9, "b", HANG))
    passes(player, 0, 1)
    player.end()
    player.end()
    assert targets["a"].all_met == [("a", HANG), ("a", None)]
    passes(player, 6)
    assert targets["b"].trouble is None


def test_its_seconds_are_those_of_the_story(targets):
    """None before its first event."""
    player = scheduled(targets)
    assert (player.seconds(NOON), player.seconds(None)) == (0, 0)
    passes(player, 10)
    assert player.seconds(NOON + timedelta(seconds=70)) == 60
    assert player.bands() == []


def test_what_is_not_there_is_refused(targets):
    """The error names what there is, and nothing has begun."""
    with pytest.raises(UsageError, match=r"'b' or 'warehouse', found an outage of 'warehose'"):
        scheduled(targets, Outage(0, 1, "warehose", HANG))


def test_what_cannot_happen_is_refused(targets):
    """The error names some that can."""
    with pytest.raises(UsageError, match=r"for example: hangs, killed, found frozen"):
        scheduled(targets, Outage(0, 1, "a", "frozen"))


def test_what_cannot_be_broken_any_more_says_so(targets):
    """Its process is gone."""
    targets["a"].error = ServiceError("Gone", expected="a", found="b", remedy="c")
    player = scheduled(targets, Outage(0, 1, "a", HANG))
    with pytest.raises(ServiceError, match="Gone"):
        passes(player, 0)
