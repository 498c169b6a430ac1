"""A stack of Java's as one sentence."""

import pytest

from eventlab.flink.refusals import innermost_message, refusal
from tests.flink.fake_java import STACK


def test_it_is_the_innermost_message_and_the_place_that_is_named():
    """A notebook shows the line with a caret; no frame of the stack is in it."""
    error = refusal(STACK, "SELECT nix FROM orders")
    assert error.found == "Column 'nix' not found in any table"
    assert error.position == (1, 8)
    shown = "\n".join(error._render_traceback_())
    assert "1 | SELECT nix FROM orders\n" + " " * 13 + "^" in shown
    assert "\tat " not in shown
    assert "Exception" not in shown


@pytest.mark.parametrize(
    ("stack", "message"),
    [
        ("", "no reason"),
        ("a sentence.", "a sentence"),
        ("a.b.Outer: why.\n\tat a.B(C.java)\nCaused by: a.b.Inner: null\n\t... 1 more", "why"),
        ("a.b.Outer: why\nCaused by: a.b.Inner\n\tat a.B(C.java)", "why"),
        ("a.b.Outer: x\nCaused by: a.b.Inner: one\n\ntwo:\n  three\n\tat a.B()", "one two: three"),
        (
            'a.b.Parse: Encountered "<EOF>" at line 0, column 0.\nWas expecting one of:\n "A" ...',
            'Encountered "<EOF>" at line 0, column 0',
        ),
    ],
)
def test_what_java_says_around_it_goes(stack, message):
    """Frames, causes without a message, and lists of all words that there could have been."""
    assert innermost_message(stack) == message


def test_a_place_before_the_first_line_is_none():
    """The parser says line 0 where there is nothing at all."""
    assert refusal("a.b.Parse: Encountered <EOF> at line 0, column 0", "").position is None
