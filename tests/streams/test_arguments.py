from datetime import timedelta

import pytest

from eventlab.errors import UsageError
from eventlab.streams.arguments import required_length, required_one_of


def test_a_length_comes_in_milliseconds():
    """Whole ones."""
    assert required_length("A grace", timedelta(seconds=1.5)) == 1500


@pytest.mark.parametrize(
    ("length", "words"),
    [(timedelta(0), "A grace is too short"), (5, "A grace is no length"), ("5s", "found '5s'")],
)
def test_what_is_no_length_is_refused(length, words):
    """With what was expected and what was found."""
    with pytest.raises(UsageError, match=words):
        required_length("A grace", length)


def test_the_least_length_is_the_caller_s():
    """A grace may be nothing."""
    nothing = timedelta(0)
    assert required_length("A grace", nothing, least=nothing) == 0
    with pytest.raises(UsageError, match="0 or more"):
        required_length("A grace", -timedelta(seconds=1), least=nothing)


def test_one_of_a_few():
    """Or an error that names them."""
    assert required_one_of("join", "left", ["inner", "left"]) == "left"
    with pytest.raises(UsageError, match="No such join: expected 'inner' or 'left', found 'up'"):
        required_one_of("join", "up", ["inner", "left"])
