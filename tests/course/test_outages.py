"""Outages by the numbers of events."""

from itertools import islice

from eventlab.course.outages import outage
from eventlab.events import Shop
from eventlab.services import Faults, FaultSchedule

STORY = list(islice(Shop(seed=7).orders(), 20))
HANG = Faults(mode="hang")


def struck(numbers: range) -> list[int]:
    """Return the numbers of the events that fall into an outage."""
    schedule = FaultSchedule([outage(STORY, numbers, "a to b", HANG)])
    moments = [(one.at - STORY[0].at).total_seconds() for one in STORY]
    return [n for n, seconds in enumerate(moments) if schedule.at("a to b", seconds) == HANG]


def test_these_events_fall_in_it_and_no_other():
    """From the first on, and up to the end."""
    for numbers in (range(5, 9), range(3), range(15, 20), range(20)):
        assert struck(numbers) == list(numbers)
