import pytest

from eventlab.errors import UsageError
from eventlab.pictures.cells import apply_change, cells_of, columns_of, wrong_cells

ROWS = {"tea": {"left": 3, "sold": 1}, "jam": {"left": 0}}


def test_cells_have_their_key_and_their_column():
    """Each value stands alone."""
    assert cells_of(ROWS) == {("tea", "left"): 3, ("tea", "sold"): 1, ("jam", "left"): 0}


def test_what_differs_or_is_missing_is_wrong_and_has_the_right_value():
    """What is right is not named."""
    found = {"tea": {"left": 2, "sold": 1}, "oil": {"left": 9}}
    assert wrong_cells(found, ROWS) == {"tea": {"left": 3}, "jam": {"left": 0}}
    assert wrong_cells(ROWS, ROWS) == {}


def test_the_columns_are_those_of_the_first_row():
    """Of no rows there are none."""
    assert columns_of(ROWS) == ["left", "sold"]
    assert columns_of({}) == []


@pytest.mark.parametrize("rows", [None, 5, {"tea": 3}])
def test_what_is_no_table_is_refused(rows):
    """With what was expected."""
    with pytest.raises(UsageError, match="no rows"):
        columns_of(rows)


def test_a_change_replaces_a_row_or_deletes_it():
    """One that is not there is deleted too."""
    rows = {"tea": {"left": 3}}
    apply_change(rows, "jam", {"left": 1})
    apply_change(rows, "tea", None)
    apply_change(rows, "ham", None)
    assert rows == {"jam": {"left": 1}}
