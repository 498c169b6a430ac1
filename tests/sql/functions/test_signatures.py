import pytest

from eventlab.sql.functions.signature_texts import signature_from
from eventlab.sql.functions.signatures import unread_lambda


@pytest.mark.parametrize(
    ("text", "number", "names"),
    [
        ("(a INT, b INT) INT", 2, "a b"),
        ("(a INT, b INT) INT", 1, None),
        ("(a INT, b INT) INT", 3, None),
        ("(a INT, b INT?) INT", 1, "a"),
        ("(a INT, b INT?) INT", 2, "a b"),
        ("(a... INT) INT", 0, ""),
        ("(a... INT) INT", 3, "a a a"),
        ("(s STRING, a... INT) INT", 1, "s"),
        ("(s STRING, a... INT) INT", 0, None),
        ("(s STRING, a... INT, z INT) INT", 4, "s a a z"),
    ],
)
def test_each_argument_has_its_parameter(text, number, names):
    """Some may be left out, and one may come any number of times, wherever it stands."""
    parameters = signature_from(text).parameters_for(number)
    found = None if parameters is None else " ".join(one.name for one in parameters)
    assert found == names


def test_a_lambda_that_is_not_read_has_parameters_alone():
    """Their number is all that is known of it."""
    assert len(unread_lambda(2).inputs) == 2
    assert str(unread_lambda(1)) == "LAMBDA<ANY, ?>"
