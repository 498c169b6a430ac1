import pytest

from eventlab.live.picture import still
from eventlab.pictures.bench import Scenario, run
from eventlab.pictures.bench.axis import axis_for
from eventlab.pictures.bench.scenario import KINDS
from eventlab.pictures.bench.still import specification_of, words_of
from tests.pictures.bench.cases import ONE_LATE, SECOND, event


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_drawn(kind):
    """It is a picture, with words for those who cannot see it."""
    events = tuple(event(n, 3 * n, side=["left", "right"][n % 2]) for n in range(12))
    result = run(Scenario(events, kind=kind, length=10 * SECOND, hop=5 * SECOND, gap=4 * SECOND))
    specification = specification_of(result, axis_for(result.scenario))
    data, metadata = still(specification, words_of(result), "bench")
    assert data["image/png"]
    assert metadata["image/png"]["width"] > 600
    assert f"{kind}: " in metadata["image/png"]["alt"]


def test_the_still_shows_what_the_flow_gave():
    """Columns end where windows closed, and each event has its status."""
    drawn = specification_of(run(ONE_LATE), axis_for(ONE_LATE))
    rows = [row for rows in drawn["datasets"].values() for row in rows]
    assert [row["closed"] for row in rows if "opened" in row] == [2.5, 5.5]
    assert [row["status"] for row in rows if "status" in row][3] == "too late"
    assert words_of(run(ONE_LATE)).endswith(
        "2 windows; 4 on time, 0 late, 0 partly too late, 1 too late"
    )
