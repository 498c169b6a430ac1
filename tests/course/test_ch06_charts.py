"""How the picture of chapter 06 is drawn."""

import pytest

from eventlab.course.ch06_charts import HEIGHT, ON, drawn, row_at, wall_chart
from eventlab.live.picture import still


@pytest.mark.parametrize("has_wall", [True, False])
def test_the_chart_becomes_a_still(has_wall):
    """As every output does; with the wall it has bricks."""
    spec = wall_chart(has_wall=has_wall).to_dict()
    bricks = [len(values) for name, values in spec["datasets"].items()]
    assert (max(bricks) > 10) is has_wall
    rows = [drawn("lamp", "lamp", x=80, y=row_at(0), hue=ON), drawn("t", "title", words="inside")]
    spec["datasets"]["live"] = [dict(row) for row in rows]
    assert still(spec, "A chart", "A chart")[0]["image/png"]


def test_rows_of_names_stand_under_each_other():
    """Within the picture."""
    assert 0 < row_at(0) < row_at(1) < HEIGHT
