from itertools import combinations

from hypothesis import given

from eventlab.pictures.bench.lanes import lanes_of
from eventlab.pictures.bench.result import Filled
from eventlab.pictures.bench.run import run
from tests.pictures.bench.cases import scenarios


def window(key, start, end):
    return Filled(key, start, end, 1, (), end, None)


def test_lanes_are_shared_by_what_does_not_overlap():
    """Each key begins below the one before."""
    windows = [window("a", 0, 10), window("a", 5, 15), window("a", 10, 20), window("b", 0, 10)]
    assert lanes_of(windows) == [0, 1, 0, 2]


def test_the_shortest_window_takes_some_of_its_lane():
    """A session of one event is a mark that the next one must not cover."""
    windows = [window("a", 0, 0), window("a", 3, 3), window("a", 9, 9)]
    assert lanes_of(windows, least=5) == [0, 1, 0]


@given(scenarios("hopping"))
def test_no_two_windows_lie_on_each_other(made):
    """Whatever came out of the flow."""
    windows = run(made).filled
    placed = list(zip(windows, lanes_of(windows), strict=True))
    for (one, lane), (other, other_lane) in combinations(placed, 2):
        if lane == other_lane:
            assert one.key == other.key
            assert one.end <= other.start or other.end <= one.start
