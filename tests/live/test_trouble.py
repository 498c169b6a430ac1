from eventlab.live.trouble import error_line, with_trouble

STILL = ({"image/png": "AAAA", "text/plain": "Bars"}, {"image/png": {"width": 640, "alt": 'A "b"'}})


def test_an_error_is_one_line_with_its_kind():
    """However many lines its words have."""
    assert error_line(ValueError("a\nb")) == "ValueError: a b"


def test_without_trouble_a_still_is_what_it_was():
    """Runs are compared by it."""
    assert with_trouble(STILL, "") == STILL


def test_with_trouble_a_picture_stands_over_the_line():
    """As a page shows HTML and no picture where it has both, the picture is in the HTML."""
    data, metadata = with_trouble(STILL, "no <topic>")
    assert data["text/html"].startswith("<img ")
    assert data["text/html"].endswith(">no &lt;topic&gt;</div>")
    assert 'src="data:image/png;base64,AAAA" width="640" alt="A &quot;b&quot;"' in data["text/html"]
    assert (data["image/png"], data["text/plain"]) == ("AAAA", "Bars: no <topic>")
    assert metadata == STILL[1]


def test_html_stays_over_the_line():
    """A table or cards, which are HTML themselves."""
    data, _ = with_trouble(({"text/html": "<table></table>", "text/plain": "Sheet"}, {}), "gone")
    assert data["text/html"].startswith("<table></table><div ")
    assert data["text/html"].endswith(">gone</div>")
