from eventlab.streams import Arrival
from eventlab.streams.join_sides import Side, Waiting


def side() -> Side:
    return Side(5, 3, 10, {}, {})


def waiting(time: int, lane: int = 0, since: float = 0.0) -> Waiting:
    return Waiting(Arrival(time, "a", "t", lane, 0, time, time), since, lane)


def test_partners_are_those_between_two_times_in_their_order():
    """Both bounds belong to them."""
    mine = side()
    for time in (7, 3, 5, 9, 5):
        mine.put("a", waiting(time))
    assert [one.event.time for one in mine.partners("a", 5, 7)] == [5, 5, 7]
    assert mine.partners("b", 0, 9) == []


def test_the_oldest_are_let_go_first_unless_they_came_lately():
    """Of all keys; what was let go waits no more."""
    mine = side()
    for key, time in [("a", 4), ("b", 2), ("a", 9)]:
        mine.put(key, waiting(time))
    mine.put("c", waiting(3, since=8.0))
    assert mine.oldest().event.time == 2
    assert [(key, one.event.time) for key, one in mine.let_go(9, came_before=7.0)] == [("b", 2)]
    assert [(key, one.event.time) for key, one in mine.let_go(9)] == [("c", 3), ("a", 4)]
    assert mine.partners("b", 0, 9) == []
    assert [key for key, _ in mine.all()] == ["a"]
    assert mine.oldest() is None


def test_each_lane_is_let_go_by_itself():
    """Though a key has events in both."""
    mine = side()
    mine.put("a", waiting(1, lane=1))
    mine.put("a", waiting(2, lane=0))
    assert [one.lane for _, one in mine.let_go(9, lane=0)] == [0]
    assert [one.lane for _, one in mine.all()] == [1]


def test_an_event_waits_for_its_last_partner():
    """That comes `reach` later, and is in time for as long as its own window is open."""
    assert (side().open, side().patience) == (15, 18)
    assert Side(-2, 4, 1, {}, {}).open == 1
