"""What a stage shows, as the page gets it."""

import json

from eventlab.live.director import Band, Board, Place, Saying, Turn


def test_whoever_plays_nothing_says_nothing():
    """No state, no speeds, no moment: the page then hides the controls."""
    assert Saying() == ("", "", 0, (), 0, 0)


def test_what_the_page_gets_has_the_names_that_it_reads():
    """As JSON: the script knows them by these names."""
    place = Place("stock to warehouse", "hangs", ["hangs", "refuses"])
    band = Band("stock", 60.0, 90.0, "killed")
    turn = Turn("services", ["2", "4"], 1)
    sent = json.loads(json.dumps([one._asdict() for one in (place, band, turn)]))
    assert sent == [
        {"name": "stock to warehouse", "now": "hangs", "choices": ["hangs", "refuses"]},
        {"target": "stock", "begin": 60.0, "end": 90.0, "words": "killed"},
        {"name": "services", "values": ["2", "4"], "now": 1},
    ]


def test_what_was_counted_can_be_said():
    """Of each run; what was not counted yet, and a run that is not there, have no words."""
    board = Board(["log", "queue"], [["sent", "300", "300"], ["lost", "0", "12"], ["ms", "–", ""]])
    assert board.in_words(0) == "sent 300, lost 0"
    assert board.in_words(1) == "sent 300, lost 12"
    assert board.in_words(2) == ""
