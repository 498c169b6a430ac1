from functools import partial

import pytest

from eventlab.errors import UsageError
from eventlab.teach import Axis, Number, Point
from eventlab.teach.answers import Choice, step_of


def judged(answer, guess, outcome):
    """Return whether a guess was right, and how that is said."""
    judgement = answer.judge(answer.read(guess), answer.read_outcome(outcome))
    return judgement.is_right, judgement.words


@pytest.mark.parametrize(
    ("guess", "outcome", "words"),
    [
        (44, 44, (True, "right")),
        (40, 44, (True, "nearly right, 4 orders too low")),
        (30, 44, (False, "14 orders too low")),
        (4, 3, (False, "1 too high")),
        (88, 44, (False, "too high by a factor of 2")),
        (0, 44, (False, "44 orders too low")),
        (5, 0, (False, "5 orders too high")),
        (-5, 10, (False, "15 orders too low")),
    ],
)
def test_a_number_is_right_or_so_far_off(guess, outcome, words):
    """In its unit, or in times where it is off by a factor."""
    assert judged(Number("orders"), guess, outcome) == words


def test_what_is_counted_has_no_parts():
    """Half an order is refused; half a second, half a percent and a mere number are not."""
    with pytest.raises(UsageError, match=r"no parts of orders: expected a whole number"):
        Number("orders", 0, 240).read("12.5")
    assert Number("orders", 0, 240).read("1.2e2") == 120
    assert Number("orders").read_outcome(12.5) == 12.5
    for unit in ("seconds", "percent", "events a second", ""):
        assert Number(unit).read("12.5") == 12.5


@pytest.mark.parametrize(
    ("guess", "outcome", "words"),
    [
        (12, 12, (True, "right")),
        (12, 18, (True, "nearly right, 6 s away")),
        (12, 40, (False, "28 s away")),
        (12, 90, (False, "78 s away")),
    ],
)
def test_a_point_is_so_far_away(guess, outcome, words):
    """What came out may lie beyond the line."""
    assert judged(Point(0, 60, "s"), guess, outcome) == words


def test_a_choice_is_right_or_not():
    """Its options are quoted, as some have a colon or a comma in them."""
    choice = Choice(("none: gone", "all"))
    assert judged(choice, "all", "all") == (True, "right")
    assert judged(choice, "all", "none: gone") == (False, "not so")
    assert choice.words("none: gone") == "“none: gone”"


@pytest.mark.parametrize("odd", [None, "many", float("nan"), [1], object()])
def test_what_came_out_has_to_be_a_number(odd):
    """A chapter's slip is named where it happens."""
    for answer in (Number(), Point(0, 1)):
        with pytest.raises(UsageError, match="This is no number"):
            answer.read_outcome(odd)


def test_bounds_that_leave_no_room_are_refused():
    """Of a number, and of a line."""
    with pytest.raises(UsageError, match="at_most"):
        Number(at_least=3, at_most=3)
    with pytest.raises(UsageError, match="last"):
        Point(60, 0)


@pytest.mark.parametrize(("first", "last"), [(-1e308, 1e308), (0, 1.7e308), (0, 5e-324)])
def test_ends_between_which_no_step_fits_are_refused(first, last):
    """Of a line and of an axis, before a float overflows."""
    for make in (Point, partial(Axis, "readers")):
        with pytest.raises(UsageError, match=r"No steps fit .* Choose a unit"):
            make(first, last)


@pytest.mark.parametrize("last", [1e-300, 1e300])
def test_the_shortest_and_the_longest_line_have_steps(last):
    """What is not refused can be shown."""
    assert 100 <= last / Point(0, last).settings["step"] <= 500


@pytest.mark.parametrize(("last", "step"), [(1, 0.01), (60, 0.5), (240, 2), (1000, 10), (7, 0.05)])
def test_a_step_is_a_round_part_of_the_line(last, step):
    """So that a hundred presses of a key or so cross it."""
    assert step_of(0, last) == pytest.approx(step)
