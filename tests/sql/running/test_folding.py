from eventlab.sql.functions.registry import Folding
from eventlab.sql.planning.plans import Aggregated
from eventlab.sql.running.folding import RowFold
from eventlab.streams import Arrival

COUNT = Folding(int, lambda n: n + 1, lambda n: n, lambda a, b: a + b, lambda n: n - 1)
SUM = Folding(int, lambda n, x: n + x, lambda n: n * 10, lambda a, b: a + b, lambda n, x: n - x)
PAIRS = Folding(list, lambda n, x, y: [*n, (x, y)], lambda n: n)


def event(*row) -> Arrival:
    return Arrival(row, None, "t", 0, 0, 1, 1)


def fold(*aggregates, report=print) -> RowFold:
    return RowFold(aggregates, [lambda row: row[0]], report)


def column(place: int):
    return lambda row: row[place]


def test_rows_are_folded_by_all_functions_at_once():
    """The group's values come first, and then the result of each."""
    counting = fold(Aggregated(COUNT, (), True), Aggregated(SUM, (column(1),), False))
    state = counting.begin()
    for row in (event("a", 2), event("a", 3)):
        before, state = state, counting.add(state, row)
    assert counting.row(state) == ("a", 2, 50)
    assert counting.row(before) == ("a", 1, 20)


def test_null_is_left_out_by_a_function_that_does_not_take_it():
    """One of several arguments is enough; one that takes NULL is given it."""
    nullable = Folding(list, lambda n, x: [*n, x], lambda n: n)
    both = fold(
        Aggregated(SUM, (column(1),), False),
        Aggregated(PAIRS, (column(1), column(2)), False),
        Aggregated(nullable, (column(1),), True),
    )
    state = None
    for row in (event("a", 1, 2), event("a", None, 2), event("a", 3, None)):
        state = both.add(state, row)
    assert both.row(state) == ("a", 40, [(1, 2)], [1, None, 3])


def test_a_function_that_fails_leaves_its_row_out_and_says_so():
    """The others have it."""
    reports: list[str] = []
    divide = Folding(int, lambda n, x: n + 6 // x, lambda n: n)
    both = fold(
        Aggregated(divide, (column(1),), False), Aggregated(COUNT, (), True), report=reports.append
    )
    state = None
    for row in (event("a", 2), event("a", 0), event("a", 3)):
        state = both.add(state, row)
    assert both.row(state) == ("a", 5, 3)
    assert reports == ["an aggregate leaves a row out: it divides by zero"]


def test_rows_of_tables_are_added_and_taken_back():
    """By what they said."""
    counting = fold(Aggregated(COUNT, (), True), Aggregated(SUM, (column(1),), False))
    state = counting.add_row(None, ('["a"]', ("a",), ((), (5,))))
    state = counting.add_row(state, ('["a"]', ("a",), ((), (None,))))
    assert counting.row(state) == ("a", 2, 50)
    assert counting.row(counting.subtract_row(state, ('["a"]', ("a",), ((), (5,))))) == ("a", 1, 0)


def test_sessions_become_one():
    """With one that has nothing yet too."""
    counting = fold(Aggregated(COUNT, (), True))
    one = counting.add(None, event("a"))
    assert counting.row(counting.merge(one, counting.add(one, event("a")))) == ("a", 3)
    assert counting.merge(None, one) == one
    assert counting.merge(one, None) == one
