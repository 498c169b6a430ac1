import numpy
import pandas
import pytest

from eventlab.errors import UsageError
from eventlab.teach import Axis, Curve

GROWS = Curve(Axis("readers", 1, 5), Axis("rate", 0, 100, "records/s"), points=3)


def test_a_guess_is_a_value_at_each_point():
    """Evenly from end to end."""
    assert GROWS.places == (1, 3, 5)
    assert GROWS.read(numpy.array([0, 50, 100])) == (0, 50, 100)


@pytest.mark.parametrize(
    "outcome",
    [
        [10, 30, 90],
        {5: 90, 1: 10, 3: 30},
        pandas.Series([10, 30, 90], index=[1, 3, 5]),
        numpy.array([10, 30, 90]),
    ],
)
def test_what_a_run_gave_is_read_as_it_comes(outcome):
    """A list at the points, or a dict or a Series from places to values, in any order."""
    run = GROWS.read_outcome(outcome)
    assert (run.x, run.y) == ((1, 3, 5), (10, 30, 90))


@pytest.mark.parametrize(
    "odd",
    [None, 7, "up", [], [1, 2], [1, 2, float("nan")], {1: 2}, {"a": 1, "b": 2}, pandas.DataFrame()],
)
def test_what_is_no_curve_is_refused(odd):
    """One message, whatever came."""
    with pytest.raises(UsageError, match="This is no curve"):
        GROWS.read_outcome(odd)


def test_how_near_a_curve_came_is_said_where_it_is_furthest_off():
    """On average within a tenth of the frame is near."""
    near = GROWS.judge((10, 30, 85), GROWS.read_outcome([10, 30, 90]))
    assert near.is_right
    assert near.words == (
        "nearly right, furthest off at readers 5: you drew 85 records/s, the run gave 90 records/s"
    )
    assert not GROWS.judge((90, 90, 90), GROWS.read_outcome([0, 0, 90])).is_right
    assert GROWS.judge((10, 30, 90), GROWS.read_outcome([10, 30, 90])).words == "right"


def test_a_curve_in_words_has_its_ends_and_its_top():
    """For those who cannot see it."""
    assert GROWS.words((0, 50, 100)) == "a curve from 0 records/s to 100 records/s"
    assert (
        GROWS.words((0, 80, 10)) == "a curve from 0 records/s to 10 records/s, at most 80 records/s"
    )


@pytest.mark.parametrize("points", [1, 51])
def test_a_curve_has_points_that_one_can_take_hold_of(points):
    """Two at least, and not hundreds."""
    with pytest.raises(UsageError, match="points"):
        Curve(Axis("a", 0, 1), Axis("b", 0, 1), points=points)


def test_an_axis_goes_somewhere():
    """From less to more."""
    with pytest.raises(UsageError, match="last"):
        Axis("a", 1, 1)
