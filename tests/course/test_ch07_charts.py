"""The pictures of chapter 07: what their rows are, and that each becomes a still."""

import pytest

from eventlab.course.ch07_charts import (
    QUERIES,
    SALES,
    as_columns,
    contention_chart,
    measured_rows,
    moment_row,
    queue_rows,
    square_row,
    squares_chart,
    title_row,
)
from eventlab.course.ch07_table import OWN, SHARED
from eventlab.live.picture import still


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
    assert row["words"].endswith("none")


def test_what_was_measured_has_its_words_long_and_short():
    """The short ones are for where two pictures stand side by side."""
    (row,) = measured_rows(OWN, 4, 85.2, 0.4)
    assert (row["per_second_words"], row["per_second_short"]) == (
        "own views: 85 a second",
        "own 85",
    )
    assert (row["waited_ms_words"], row["waited_ms_short"]) == ("own views: 0 ms", "own 0")


def test_rows_of_several_kinds_become_columns():
    """What one has not is None."""
    assert as_columns([{"a": 1}, {"b": 2}]) == {"a": [1, None], "b": [None, 2]}


@pytest.mark.parametrize("states", [QUERIES, SALES])
def test_the_squares_become_a_still(states):
    """As every output does."""
    rows = [square_row(SHARED, "stock", 0, next(iter(states)))]
    rows += [moment_row(SHARED, 1, "renamed"), title_row(OWN, "own views")]
    spec = squares_chart(["stock"], 4, states).to_dict()
    spec["datasets"] = {"live": rows}
    assert still(spec, "A chart", "A chart")[0]["image/png"]


def test_the_lines_become_a_still():
    """Those of both designs, and the queue below."""
    rows = measured_rows(OWN, 1, 30, 0) + measured_rows(SHARED, 1, 29, 1)
    spec = contention_chart(4, 0.03).to_dict()
    spec["datasets"] = {"live": rows + queue_rows([("sales", "stock")])}
    assert still(spec, "A chart", "A chart")[0]["image/png"]
