import pytest

from tests.sql.functions.calling import called

STREET = "Elm St. 42"


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("MASK", [STREET], "Xxx-Xx--nn"),
        ("MASK", [STREET, "U", "l", "9", "_"], "Ull_Ul__99"),
        ("MASK", [STREET, None, "*", None, None], "E** S*. 42"),
        ("MASK", [None], None),
        ("MASK_LEFT", [STREET, 5], "Xxx-Xt. 42"),
        ("MASK_LEFT", [STREET, 99], "Xxx-Xx--nn"),
        ("MASK_LEFT", [STREET, 1, "#", None, None, None], "#lm St. 42"),
        ("MASK_RIGHT", [STREET, 3], "Elm St.-nn"),
        ("MASK_RIGHT", [STREET, 99], "Xxx-Xx--nn"),
        ("MASK_RIGHT", [STREET, 0], STREET),
        ("MASK_KEEP_LEFT", [STREET, 3], "Elm-Xx--nn"),
        ("MASK_KEEP_RIGHT", [STREET, 2], "Xxx-Xx--42"),
        ("MASK_KEEP_RIGHT", [STREET, 0], "Xxx-Xx--nn"),
        ("MASK_KEEP_RIGHT", [None, 2], None),
    ],
)
def test_letters_are_masked(name, arguments, expected):
    """All of them, or those at one end, or those but at one end."""
    assert called(name, *arguments) == expected


@pytest.mark.parametrize("name", ["MASK_LEFT", "MASK_RIGHT", "MASK_KEEP_LEFT", "MASK_KEEP_RIGHT"])
def test_less_than_no_letters_are_refused(name):
    """The value is NULL, and it is reported."""
    with pytest.raises(ValueError, match="-1 letters"):
        called(name, STREET, -1)


def test_a_mask_is_one_character():
    """Neither none nor two."""
    with pytest.raises(ValueError, match="one character, not 'XX'"):
        called("MASK", STREET, "XX", "x", "n", "-")
