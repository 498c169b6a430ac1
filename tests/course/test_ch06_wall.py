"""The picture of the wall on real topics: who reads on, and how the business was."""

import json
from collections.abc import Callable

import pytest

from eventlab.course import ch06
from eventlab.course.ch06_wall import Wall
from eventlab.live.picture import still
from tests.course.ch06_notebook import CHANGES, ORDER, WALL, keeping
from tests.waiting import until

pytestmark = pytest.mark.broker

STORY = ch06.story(7, 80)
FIELDS = {"billing": ["customer_id", "amount_cents", "state"], "loyalty": ["customer_id", "state"]}


@pytest.fixture
def built(lab) -> Callable[..., Wall]:
    """Return what plays the story at full speed, and returns the picture when it is over."""

    def build(*, has_wall: bool, changes: int = 3) -> Wall:
        desk, journal = lab.new_topic("desk"), lab.new_topic("journal")
        contract = ch06.contract(lab, journal, ORDER) if has_wall else None
        orders = ch06.OrdersService(ch06.inside_of(lab), CHANGES, WALL, contract)
        lab.subscribe("orders", orders, to=desk, into=journal)
        views = {
            name: lab.view(name, keeping(fields), of=journal, contract=contract)
            for name, fields in FIELDS.items()
        }
        lab.produce(ch06.with_changes(STORY, changes), into=desk)
        picture = lab.keep(Wall(views, FIELDS, STORY, orders.file, contract).start())
        picture.settle()
        return picture

    return build


def test_behind_the_wall_everybody_is_right_and_the_past_is_there(built):
    """As of each moment, by the shop's own list."""
    picture = built(has_wall=True)
    assert picture.lamps() == {"billing": "", "loyalty": ""}
    assert picture.figures() == {"changes": 3, "consumers": 2, "right": 2, "not_read": 0}
    found = picture.journal_figures()
    assert found["equal"] == found["moments"] > 3
    assert picture.scores()["moments built"] == found["moments"]


def test_without_it_who_reads_a_changed_column_stops(built):
    """The lamp says which; the past can be built up to there."""
    picture = built(has_wall=False)
    assert picture.lamps() == {"billing": "no amount_cents", "loyalty": ""}
    assert picture.figures() == {"changes": 3, "consumers": 2, "right": 1, "not_read": 40}
    found = picture.journal_figures()
    assert 0 < found["equal"] < found["moments"]
    assert picture.scores()["lamps out"] == 1


def test_while_nothing_changes_the_rows_are_as_good(built):
    """Everybody is right, and the past is there."""
    picture = built(has_wall=False, changes=0)
    assert picture.figures() == {"changes": 0, "consumers": 2, "right": 2, "not_read": 0}
    found = picture.journal_figures()
    assert found["equal"] == found["moments"]


def test_the_slider_says_how_it_was_then(built):
    """The words of the moment at which it stands."""
    picture = built(has_wall=True)
    picture.slider.index = 0
    until(lambda: _said(picture).startswith(f"as of {ch06.moments_of(STORY)[0]:%a %H:%M}"))
    orders = ch06.record([one for one in STORY if one.at < ch06.moments_of(STORY)[0]])
    assert f": {len(orders)} orders" in _said(picture)
    assert still(picture.chart.spec, "A wall", "A wall")[0]["image/png"]


def _said(picture) -> str:
    rows = picture.chart.rows
    return next(
        words for name, words in zip(rows["id"], rows["words"], strict=True) if name == "said"
    )


def test_it_can_be_said_in_json(built):
    """What claims and the scoreboard show."""
    picture = built(has_wall=True)
    assert json.dumps([picture.figures(), picture.journal_figures(), picture.scores()])
