"""A play begins slowly and speeds up; time is an argument, so nothing waits."""

from itertools import islice, pairwise
from types import SimpleNamespace

import pytest

from eventlab.events import Shop
from eventlab.lab.ramp import (
    CLIMB_SECONDS,
    HOLD_SECONDS,
    Ramp,
    length_seconds,
    spacing_seconds,
)


class Clock:
    """A clock that stands until it is set."""

    now = 100.0

    def __call__(self):
        return self.now


def climbing(speed, spacing=10.0):
    """Return a ramp of two players, the players, and the clock."""
    clock = Clock()
    players = [SimpleNamespace(speed=speed) for _ in range(2)]
    return Ramp(players, spacing, clock), players, clock


def test_the_first_seconds_have_an_event_each():
    """With ten seconds between two events, ten times as fast is one a second."""
    ramp, players, clock = climbing(600)
    clock.now += HOLD_SECONDS
    ramp.go_on()
    assert [player.speed for player in players] == [10, 10]


def test_then_it_climbs_to_the_speed_that_was_asked_for():
    """Half way in time is half way in factors."""
    ramp, players, clock = climbing(1000)
    clock.now += HOLD_SECONDS + CLIMB_SECONDS / 2
    ramp.go_on()
    assert players[0].speed == pytest.approx(100)
    clock.now += CLIMB_SECONDS
    ramp.go_on()
    assert [player.speed for player in players] == [1000, 1000]
    assert ramp.is_over


def test_the_learners_hand_ends_it():
    """A speed that somebody has set stays."""
    ramp, players, clock = climbing(1000)
    players[0].speed = players[1].speed = 5
    clock.now += HOLD_SECONDS + CLIMB_SECONDS
    ramp.go_on()
    assert [player.speed for player in players] == [5, 5]


@pytest.mark.parametrize("speed", [0, 5, 10])
def test_what_is_slow_already_or_as_fast_as_it_can_is_left(speed):
    """At full speed nothing of this costs time."""
    ramp, players, _ = climbing(speed)
    assert ramp.is_over
    assert players[0].speed == speed


def test_nothing_that_plays_is_no_fault():
    """An experiment may have only what its buttons do."""
    assert Ramp([], 3.0).is_over


def test_the_spacing_is_that_of_arrivals():
    """Of events their own time, of deliveries the time at which they arrive."""
    orders = list(islice(Shop(seed=7).orders(), 10))
    gaps = sorted((later.at - earlier.at).total_seconds() for earlier, later in pairwise(orders))
    assert spacing_seconds(orders) == gaps[4]
    assert spacing_seconds(orders[:1]) == 0
    assert spacing_seconds([]) == 0


def test_a_story_is_as_long_as_from_its_first_event_to_its_last():
    """Of a generator nobody knows it."""
    story = list(islice(Shop(seed=1).orders(), 50))
    assert length_seconds(story) == (story[-1].at - story[0].at).total_seconds()
    assert (length_seconds([]), length_seconds(iter(story))) == (0, 0)
    assert length_seconds([story[0], None]) == 0
