from eventlab.pictures.window_values import WindowValues


def test_the_values_of_a_window_add_up_over_its_keys():
    """A new value takes the place of the old one, and None takes it away."""
    values = WindowValues(10)
    for key, value in [("a", 1), ("b", 5), ("a", 2), ("b", None)]:
        values.put((0, 5), key, value)
    assert (values.total((0, 5)), values.total((5, 10)), len(values)) == (2, 0, 1)


def test_of_more_values_the_earliest_windows_leave_and_stay_away():
    """A late change of one that left would begin it anew, with one key of many."""
    values = WindowValues(4)
    left = [place for at in range(5) for place in values.put((at, at + 1), "a", 1)]
    assert left == [(0, 1), (1, 2)]
    assert values.put((1, 2), "b", 1) == []
    assert values.places == [(2, 3), (3, 4), (4, 5)]


def test_it_does_not_grow():
    """Whether the windows are many or have many keys."""
    many, wide = WindowValues(100), WindowValues(100)
    for number in range(10_000):
        many.put((number, number + 1), "a", 1)
        wide.put((0, 1), f"k{number}", 1)
    assert max(len(many), len(wide)) <= 100
    assert (9_999, 10_000) in many.places
    assert wide.total((0, 1)) == 100
