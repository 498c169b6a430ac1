"""The two charts, as they are drawn."""

import pytest

from eventlab.course.ch09_charts import HUES, ages_chart, matrix_chart, row_drawn
from eventlab.course.ch09_system import CALL, FILE, LOG
from eventlab.live.picture import still


@pytest.mark.parametrize("systems", [2, 6, 12])
def test_the_matrix_becomes_a_still_for_any_number_of_systems(systems):
    """As every output does."""
    spec = matrix_chart(systems).to_dict()
    rows = [
        row_drawn("cell", "stock to shop", 1, 0, CALL),
        row_drawn("log", "stock writes", 0, 1, LOG),
        row_drawn("count", "30", 0, 0, LOG, name=LOG),
        row_drawn("dot", "2 systems: 2", 2, 2, LOG),
    ]
    spec.setdefault("datasets", {})["live"] = rows
    assert still(spec, "A chart", "A chart")[0]["image/png"]


def test_what_has_a_name_keeps_its_place_when_its_words_change():
    """A count is one row, however high."""
    assert (
        row_drawn("count", "2", 0, 0, name=LOG)["id"]
        == row_drawn("count", "4", 0, 0, name=LOG)["id"]
    )


def test_the_ages_become_a_still():
    """As every output does, with three ways or with two."""
    for third in (LOG, FILE):
        lanes = {"first copy": CALL, "second copy": FILE, "third copy": third}
        spec = ages_chart(lanes, 42, 62, 84).to_dict()
        row = {"id": "1", "what": "bar", "lane": "third copy", "at": 1, "hours": 4, "words": ""}
        spec.setdefault("datasets", {})["live"] = [row]
        assert still(spec, "A chart", "A chart")[0]["image/png"]


def test_each_way_has_a_hue_of_its_own():
    """In both pictures the same."""
    assert len(set(HUES.values())) == len(HUES) == 3
