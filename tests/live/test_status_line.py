from eventlab.live.status_line import StatusLine


def test_what_is_seen_and_what_is_spoken_are_apart():
    """Both go to the page, which has a live region for the second."""
    line = StatusLine(value="<b>playing</b>", spoken="playing")
    shared = line.get_state()
    assert (shared["value"], shared["spoken"]) == ("<b>playing</b>", "playing")
    assert '"role", "status"' in line._esm
