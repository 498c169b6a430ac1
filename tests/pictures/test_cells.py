from eventlab.pictures.cells import cells_of, wrong_cells

ROWS = {"tea": {"left": 3, "sold": 1}, "jam": {"left": 0}}


def test_cells_have_their_key_and_their_column():
    """Each value stands alone."""
    assert cells_of(ROWS) == {("tea", "left"): 3, ("tea", "sold"): 1, ("jam", "left"): 0}


def test_what_differs_or_is_missing_is_wrong_and_has_the_right_value():
    """What is right is not named."""
    found = {"tea": {"left": 2, "sold": 1}, "oil": {"left": 9}}
    assert wrong_cells(found, ROWS) == {"tea": {"left": 3}, "jam": {"left": 0}}
    assert wrong_cells(ROWS, ROWS) == {}
