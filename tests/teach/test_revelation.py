import pytest

from eventlab.teach import Number, Revelation
from eventlab.teach.answers import Choice

WHICH = Choice(("none", "some"))


@pytest.mark.parametrize(
    ("revelation", "words"),
    [
        (Revelation("some", "some", WHICH), "You guessed “some”: Right. It came out as “some”."),
        (
            Revelation("some", "none", WHICH, "0 of 44 orders were lost."),
            "You guessed “some”: Not so. It came out as “none”. 0 of 44 orders were lost.",
        ),
        (Revelation(None, 44.0, Number("ms"), " "), "No guess: It came out as 44 ms."),
    ],
)
def test_it_quotes_the_guess_judges_it_and_says_why(revelation, words):
    """In one or two sentences."""
    assert revelation.words == words


def test_it_is_announced_and_what_it_says_is_no_markup():
    """A screen reader tells it when it comes."""
    html = Revelation("some", "none", WHICH, "1 < 2")._repr_mimebundle_()["text/html"]
    assert html.startswith('<div role="status" aria-live="polite"')
    assert "1 &lt; 2" in html
