"""The pictures of chapter 07: what their rows are, and that each becomes a still."""

import pytest

from eventlab.course.ch07_charts import (
    QUERIES,
    SALES,
    as_columns,
    contention_chart,
    measured_rows,
    moment_row,
    panel_tops,
    queue_rows,
    square_row,
    squares_chart,
    title_row,
)
from eventlab.course.ch07_table import OWN, SHARED
from eventlab.live.picture import still

TOPS = panel_tops(4, 0.03)


def measured(per_second, waited_ms):
    return {"per_second": per_second, "waited_ms": waited_ms}


def boxes(rows):
    return {row["words"]: row for row in rows if row["kind"] == "box"}


def test_a_queue_stands_in_a_line_behind_who_has_the_lock():
    """Each arrow leads to the one before."""
    rows = queue_rows([("sales", "stock"), ("shipping", "stock"), ("shipping", "sales")])
    found = boxes(rows)
    assert found["stock"]["x"] < found["sales"]["x"] < found["shipping"]["x"]
    assert [found[name]["design"] for name in ("stock", "sales")] == ["works", "waits"]
    assert sum(row["kind"] == "arrow" for row in rows) == 2


def test_two_that_wait_for_one_stand_below_each_other():
    """No box hides another."""
    found = boxes(queue_rows([("sales", "stock"), ("shipping", "stock")]))
    assert found["sales"]["y"] != found["shipping"]["y"]
    assert found["sales"]["x"] == found["shipping"]["x"]


def test_where_nobody_waits_it_says_so():
    """In place of an empty room."""
    (row,) = queue_rows([])
    assert row["words"].endswith("nobody waits")


def test_what_they_wait_for_stands_above_the_queue():
    """As the server calls it."""
    rows = queue_rows([("sales", "stock")], "a row of products")
    assert rows[-1]["words"] == "PostgreSQL says: who waits for a row of products"
    assert rows[-1]["short"] == "who waits for a row of products"


def test_what_was_measured_has_its_words_long_and_short():
    """The short ones are for where two pictures stand side by side."""
    (row,) = measured_rows(4, {OWN: measured(85.2, 0.4)}, TOPS)
    assert (row["per_second_words"], row["per_second_short"]) == ("own views: 85", "own 85")
    assert (row["waited_ms_words"], row["waited_ms_short"]) == ("own views: 0", "own 0")
    assert row["words"] == "4 services, own views: 85 a second, 0 ms"


@pytest.mark.parametrize("rates", [(30, 30), (29, 30), (0, 0), (0, 133), (133, 133), (500, 600)])
def test_the_words_of_both_designs_stand_apart_and_inside_of_the_panel(rates):
    """Near their dots, and never on each other, with one service too."""
    both = dict(zip((SHARED, OWN), (measured(rate, rate) for rate in rates), strict=True))
    rows = measured_rows(1, both, TOPS)
    for field, top in TOPS.items():
        shared, own = [row[f"{field}_at"] for row in rows]
        assert own - shared >= 0.19 * top
        assert 0.09 * top < shared < own < 0.91 * top


def test_words_stand_beside_what_they_say():
    """Where there is room."""
    rows = measured_rows(4, {SHARED: measured(30, 60), OWN: measured(100, 20)}, TOPS)
    assert [row["per_second_at"] for row in rows] == [30, 100]
    assert [row["waited_ms_at"] for row in rows] == [60, 20]


def test_rows_of_several_kinds_become_columns():
    """What one has not is None."""
    assert as_columns([{"a": 1}, {"b": 2}]) == {"a": [1, None], "b": [None, 2]}


def test_the_title_of_squares_has_its_count_long_and_short():
    """The short one is for where two pictures stand side by side."""
    row = title_row(SHARED, 58, "failed look-ups", "failed")
    assert (row["words"], row["short"]) == ("shared table: 58 failed look-ups", "shared: 58 failed")


@pytest.mark.parametrize("states", [QUERIES, SALES])
def test_the_squares_become_a_still(states):
    """As every output does."""
    rows = [square_row(SHARED, "stock", 0, next(iter(states)))]
    rows += [moment_row(SHARED, 1, "renamed"), title_row(OWN, 0, "failed look-ups", "failed")]
    spec = squares_chart(["stock"], 4, states).to_dict()
    spec["datasets"] = {"live": rows}
    assert still(spec, "A chart", "A chart")[0]["image/png"]


def test_where_both_designs_measure_the_same_no_dot_hides_the_other():
    """They stand side by side."""
    (panel, *_) = contention_chart(4, 0.03).to_dict()["vconcat"]
    places = [one["calculate"] for one in panel["layer"][1]["transform"] if "calculate" in one]
    assert places == ["datum.services + (datum.design == 'shared table' ? -0.08 : 0.08)"]


def test_the_lines_become_a_still():
    """Those of both designs, and the queue below."""
    rows = measured_rows(1, {SHARED: measured(29, 1), OWN: measured(30, 0)}, TOPS)
    spec = contention_chart(4, 0.03).to_dict()
    spec["datasets"] = {"live": rows + queue_rows([("sales", "stock")])}
    assert still(spec, "A chart", "A chart")[0]["image/png"]
