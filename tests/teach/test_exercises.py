import pandas
import pytest

from eventlab.course import ch00, ch01
from eventlab.errors import ChapterError
from eventlab.teach.exercises import find

ORDERS = pandas.DataFrame({"country": ["FR"]})


def test_an_exercise_is_found_by_its_number_alone():
    """Chapter and place in the chapter are all that one has to know."""
    assert find("00.1") is ch00.check_1
    assert find("01.1") is ch01.check_1


@pytest.mark.parametrize("number", ["00.9", "99.1", "1.1", "01", "01.1.1", None])
def test_a_number_without_an_exercise_is_an_error(number):
    """A chapter whose number is mistyped is noticed by its author."""
    with pytest.raises(ChapterError, match="There is no such exercise"):
        find(number)


@pytest.mark.parametrize("check", [ch00.check_1, ch01.check_1])
def test_each_check_says_what_it_takes(check):
    """An odd answer is answered with what was expected."""
    assert check.takes


@pytest.mark.parametrize(
    ("answer", "given", "found"),
    [
        ((3,), {"country": "FR", "orders": ORDERS}, ""),
        ((), {"count": 3, "country": "FR", "orders": ORDERS}, ""),
        ((3,), {"country": "FR"}, "orders is missing"),
        ((3,), {"count": 3, "country": "FR", "orders": []}, "there is no count"),
        ((3,), {"land": "FR", "orders": []}, "country is missing and there is no land"),
        ((3, "FR"), {"country": "FR", "orders": []}, "there are 2 answers in place of 1"),
    ],
)
def test_each_check_says_how_it_is_called(answer, given, found):
    """In the words of the cell that calls it, and of no function of ours."""
    said = ch00.check_1.misfit("00.1", answer, given)
    call = 'lab.check("00.1", count, country=..., orders=...)'
    assert said == (f"Expected {ch00.check_1.takes}: {call}. Found that {found}." if found else "")


@pytest.mark.parametrize(
    ("answer", "given", "found"),
    [
        (("3",), {"country": "FR", "orders": ORDERS}, "'3' (str) for count"),
        ((), {"count": True, "country": "FR", "orders": ORDERS}, "True (bool) for count"),
        ((3,), {"country": "FR", "orders": [1]}, "[1] (list) for orders"),
    ],
)
def test_what_is_of_another_form_is_named(answer, given, found):
    """With the form that is expected, and what to do."""
    said = ch00.check_1.misfit("00.1", answer, given)
    what_to_do = "give it in that form, and run the cell again."
    assert said == f"Expected {ch00.check_1.takes}. Found {found}: {what_to_do}"
