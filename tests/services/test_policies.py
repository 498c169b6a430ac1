import pytest

from eventlab.errors import CallError, UsageError
from eventlab.services import CallPolicy
from eventlab.services.policies import Breaker


class Clock:
    """Seconds that a test decides."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def breaker(clock: Clock, **settings) -> Breaker:
    return Breaker("stock", CallPolicy(**settings), clock)


def passes(one: Breaker) -> bool:
    """Tell whether a call is let through."""
    try:
        one.require_closed()
    except CallError as error:
        return error.reason != "breaker open"
    return True


def test_it_opens_after_so_many_failures_in_a_row(clock):
    """A success in between begins the count anew."""
    one = breaker(clock, breaker_failures=3)
    for _ in range(2):
        one.failed()
        one.failed()
        one.succeeded()
    assert passes(one)
    for _ in range(3):
        assert not one.is_open
        one.failed()
    assert one.is_open
    assert not passes(one)


def test_it_lets_one_call_try_when_it_has_rested(clock):
    """One alone; the others are refused until that one has come back."""
    one = breaker(clock, breaker_failures=1, breaker_rest_seconds=5)
    one.failed()
    clock.now += 4.9
    assert not passes(one)
    clock.now += 0.1
    assert [passes(one), passes(one)] == [True, False]
    one.succeeded()
    assert [passes(one), passes(one)] == [True, True]


def test_it_rests_again_when_the_one_that_tries_fails(clock):
    """At once, however many failures it had needed before."""
    one = breaker(clock, breaker_failures=3, breaker_rest_seconds=5)
    for _ in range(3):
        one.failed()
    clock.now += 5
    assert passes(one)
    one.failed()
    clock.now += 4.9
    assert not passes(one)
    clock.now += 0.1
    assert passes(one)


def test_the_next_one_tries_when_the_first_was_given_up(clock):
    """A call that was cancelled says nothing of the other side."""
    one = breaker(clock, breaker_failures=1, breaker_rest_seconds=5)
    one.failed()
    clock.now += 5
    assert passes(one)
    one.gave_up()
    assert passes(one)


def test_without_one_every_call_goes_through(clock):
    """breaker_failures=None."""
    one = breaker(clock, breaker_failures=None)
    for _ in range(100):
        one.failed()
    assert passes(one)


@pytest.mark.parametrize(
    "wrong",
    [
        {"timeout_seconds": 0},
        {"timeout_seconds": float("inf")},
        {"retries": -1},
        {"retries": 1.5},
        {"back_off_seconds": -0.1},
        {"most_back_off_seconds": None},
        {"breaker_failures": 0},
        {"breaker_rest_seconds": "long"},
        {"connections": 0},
        {"at_once": True},
    ],
    ids=str,
)
def test_a_policy_that_cannot_be_kept_is_refused(wrong):
    """With the setting's own name."""
    with pytest.raises(UsageError, match=next(iter(wrong))):
        CallPolicy(**wrong)
