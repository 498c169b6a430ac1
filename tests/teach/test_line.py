import pytest

from eventlab.teach.line import Line, number_text


def test_a_line_is_read_without_colour():
    """The mark and the word alone tell how it stands."""
    plain = {tone: Line(tone, "Word", "text").mimebundle["text/plain"] for tone in ("good", "bad")}
    assert plain == {"good": "✔ Word: text", "bad": "✘ Word: text"}


def test_html_takes_the_colours_of_the_page_and_escapes_what_it_shows():
    """It suits light and dark, and a figure named <b> is no markup."""
    html = Line("bad", "Word", "1 < 2", ("lost & found",)).mimebundle["text/html"]
    assert "var(--jp-error-color1" in html
    assert "1 &lt; 2" in html
    assert "lost &amp; found" in html


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12_000, "12,000"),
        (12_345.6, "12,346"),
        (1.23456, "1.23"),
        (0.004567, "0.00457"),
        (0.0, "0"),
        (True, "True"),
        ("lz4", "lz4"),
    ],
)
def test_figures_have_the_digits_that_matter(value, text):
    """Counts are exact, measured values are short."""
    assert number_text(value) == text
