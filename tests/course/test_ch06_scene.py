"""What is drawn of the wall, the lamps and the journal."""

from datetime import UTC, datetime, timedelta

import pytest

from eventlab.course import ch06_charts as charts
from eventlab.course.ch06_inside import Seen, inside
from eventlab.course.ch06_scene import Scene, money, rows_of

FIELDS = {"billing": ["customer_id", "amount_cents", "state"], "delivery": ["country", "state"]}
ORDER = {
    "order_id": "o1",
    "customer_id": "c1",
    "product_id": "p1",
    "quantity": 2,
    "amount_cents": 1190,
    "country": "DE",
}
CONTRACT = [*ORDER, "state"]
NOON = datetime(2025, 3, 3, 12, tzinfo=UTC)
MOMENTS = [NOON + timedelta(hours=6 * number) for number in range(4)]
THEN = {0: {"o1": ["c1", 1190, "placed"]}, 1: {"o1": ["c1", 1190, "paid"]}, 2: "another shape"}


def scene(version=0, *, contract=CONTRACT, lamps=None, chosen=1):
    lamps = dict.fromkeys(FIELDS, "") | (lamps or {})
    seen = Seen(version, inside(ORDER, version))
    return Scene(seen, contract, lamps, FIELDS, MOMENTS, THEN, chosen, 2380)


def drawn(scene, *kinds):
    return [row for row in rows_of(scene) if row["what"] in kinds]


def words(scene, *kinds):
    return [row["words"] for row in drawn(scene, *kinds)]


def outside_of(scene):
    return [row["words"].split()[0] for row in rows_of(scene) if row["id"].startswith("out ")]


def inside_of(scene):
    return [row["words"] for row in rows_of(scene) if row["id"].startswith("in ")]


@pytest.mark.parametrize("version", [0, 1, 2, 3])
def test_behind_a_wall_the_names_outside_never_move(version):
    """Whatever the table is like; every field outside has a line to it."""
    picture = scene(version)
    assert outside_of(picture) == CONTRACT
    assert inside_of(picture) == list(inside(ORDER, version))
    ends = {row["y2"] for row in drawn(picture, "link", "undone")}
    assert ends == {charts.row_at(number) for number in range(len(CONTRACT))}


def test_without_a_wall_the_names_outside_are_those_inside():
    """Each line goes straight."""
    picture = scene(3, contract=[])
    assert outside_of(picture) == inside_of(picture)
    assert all(row["y"] == row["y2"] for row in drawn(picture, "link"))
    assert drawn(picture, "undone") == []


@pytest.mark.parametrize(("version", "lines"), [(0, 0), (1, 1), (2, 3), (3, 5)])
def test_what_the_wall_undoes_stands_out_from_what_only_goes_through(version, lines):
    """One line for each changed column, and each field that it becomes."""
    assert len(drawn(scene(version), "undone")) == lines


def test_the_field_that_all_read_says_so():
    """No line leaves it."""
    assert "state (all read it)" in words(scene(), "name")


def test_a_changed_column_stands_out():
    """All those that the table did not have at first; the last change is told."""
    assert words(scene(0), "news") == []
    assert "not changed yet" in words(scene(0), "name")
    assert set(words(scene(2), "news")) == {
        "ship_to",
        "net_cents",
        "tax_cents",
        "change 2: amount_cents → net_cents, tax_cents",
    }


def test_a_lamp_burns_until_its_consumer_stops():
    """Then it says why, and no line leads to it."""
    burning = scene(1)
    assert [row["hue"] for row in drawn(burning, "lamp")] == [charts.ON, charts.ON]
    out = scene(1, contract=[], lamps={"delivery": "no country"})
    assert [row["hue"] for row in drawn(out, "lamp")] == [charts.ON, charts.OUT]
    assert words(out, "why") == ["no country"]
    assert not [row for row in drawn(out, "read") if row["id"].startswith("read delivery")]
    assert {row["id"] for row in drawn(burning, "read")} == {
        "read billing customer_id",
        "read billing amount_cents",
        "read delivery country",
    }


def test_the_columns_of_the_journal_are_as_high_as_the_money():
    """One on the other, each state in its colour; a moment that cannot be built has a cross."""
    columns = [row for row in drawn(scene(), "column") if row["y"] != row["y2"]]
    assert [row["hue"] for row in columns] == ["placed", "paid"]
    assert {row["y2"] - row["y"] for row in columns} == {charts.TALLEST / 2}
    assert len(drawn(scene(), "missing")) == 1
    assert words(scene(), "day") == ["Mon", "Tue"]


@pytest.mark.parametrize(
    ("chosen", "said", "counts"),
    [
        (1, "as of Mon 18:00: 1 orders, € 12", ["0 placed", "1 paid", "0 sent", "0 cancelled"]),
        (2, "as of Tue 00:00: cannot be built", ["placed", "paid", "sent", "cancelled"]),
        (3, "as of Tue 06:00: not yet", ["placed", "paid", "sent", "cancelled"]),
    ],
)
def test_the_chosen_moment_is_said_in_words(chosen, said, counts):
    """Whether it could be built or not; the words of the states say their colours too."""
    picture = scene(chosen=chosen)
    assert [row["words"] for row in rows_of(picture) if row["id"] == "said"] == [said]
    assert words(picture, "count") == counts
    assert [row["hue"] for row in drawn(picture, "swatch")] == list(charts.STATES)


def test_money_is_added_up_by_state():
    """A state without orders has none."""
    found = money({"o1": ["c1", 5, "paid"], "o2": ["c1", 7, "paid"], "o3": ["c2", 1, "sent"]})
    assert found == {"placed": 0, "paid": 12, "sent": 1, "cancelled": 0}


def test_every_row_has_the_same_columns_and_a_name_of_its_own():
    """As a live chart wants them."""
    rows = rows_of(scene(3))
    assert len({frozenset(row) for row in rows}) == 1
    assert len({row["id"] for row in rows}) == len(rows)
