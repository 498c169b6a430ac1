import pytest

from eventlab.sql.functions.tables import cube_explode, explode


def test_each_element_is_a_row():
    """NULL too."""
    assert explode([1, None]) == [1, None]


def test_each_choice_of_columns_is_a_row():
    """From none to all; a column that is NULL is not chosen, which would be the same row again."""
    assert cube_explode(["a", "b"]) == [[None, None], [None, "b"], ["a", None], ["a", "b"]]
    assert cube_explode([None, 1]) == [[None, None], [None, 1]]
    assert cube_explode([]) == [[]]


def test_there_are_not_too_many_choices():
    """Twenty columns are a million rows."""
    with pytest.raises(ValueError, match="20 columns"):
        cube_explode([1] * 21)
