"""Files with their classic faults: what a careless one loses and doubles, and a careful one not."""

import csv
from itertools import islice
from types import SimpleNamespace

import pytest

from eventlab.course.ch09_files import LOST, ONCE, TWICE, Nights, nights_chart, why_files
from eventlab.events import Shop
from eventlab.live.picture import still

STORY = list(islice(Shop(seed=7).orders(), 40))


def write_in_place(file, rows, at_half):
    """Write into the file itself, so that who looks at half finds half."""
    half = len(rows) // 2
    for mode, some in (("w", rows[:half]), ("a", rows[half:])):
        with file.open(mode, newline="", encoding="utf-8") as out:
            table = csv.DictWriter(out, rows[0])
            if mode == "w":
                table.writeheader()
            table.writerows(some)
        if mode == "w":
            at_half()


def write_whole(file, rows, at_half):
    """Write under another name, and rename."""
    part = file.with_suffix(".part")
    write_in_place(part, rows, at_half)
    part.replace(file)


def read_all(folder, _loaded):
    """Read what is there."""
    for file in sorted(folder.glob("*.csv")):
        with file.open(newline="", encoding="utf-8") as rows:
            yield from csv.DictReader(rows)


def read_new(folder, loaded):
    """Read what has not been read yet."""
    for file in sorted(folder.glob("*.csv")):
        if file.name not in loaded:
            loaded.add(file.name)
            with file.open(newline="", encoding="utf-8") as rows:
                yield from csv.DictReader(rows)


def played(folder, **options):
    """Return the picture after all orders have come out of the log."""
    picture = Nights(SimpleNamespace(), STORY, folder, **options)
    for order in STORY:
        fields = {name: getattr(order, name) for name in ("order_id", "product_id", "quantity")}
        picture._take(SimpleNamespace(fields=[fields]))
    picture.settle()
    return picture


@pytest.fixture
def careless(tmp_path):
    return played(
        tmp_path,
        write=write_in_place,
        read=read_all,
        named=lambda _night: "sales.csv",
        looks_again=False,
    )


@pytest.fixture
def careful(tmp_path):
    return played(
        tmp_path,
        write=write_whole,
        read=read_new,
        named=lambda night: f"sales {night}.csv",
        looks_again=True,
    )


def test_careful_files_lose_nothing_and_double_nothing(careful):
    """Whatever happens in the nights."""
    assert careful.figures() == {
        "orders": 40,
        "in_log": 40,
        "loaded": 40,
        "lost": 0,
        "doubled": 0,
    }


def test_a_careless_file_loses_and_doubles(careless):
    """The late one is overwritten, the one before it read again, and the last one read twice."""
    states = list(careless.states().values())
    assert states[:10] == [ONCE] * 10
    assert states[20:30] == [LOST] * 10
    assert states[30:] == [TWICE] * 10
    assert careless.scores() == {ONCE: 15, TWICE: 15, LOST: 10}


def test_without_another_look_a_careful_file_waits_for_the_next_night(tmp_path):
    """It is late then, and not lost."""
    picture = played(
        tmp_path,
        write=write_whole,
        read=read_new,
        named=lambda night: f"sales {night}.csv",
        looks_again=False,
    )
    assert picture.figures()["loaded"] == 40


def test_each_order_is_drawn_once_in_the_row_of_its_night(careful):
    """A square each."""
    rows = careful.chart.rows
    assert {night: rows["night"].count(night) for night in rows["night"]} == {
        "as it should": 10,
        "half-written": 10,
        "late": 10,
        "twice": 10,
    }


def test_the_reason_has_the_figures_of_both_runs():
    """Of what was lost, and of what was doubled."""
    said = why_files({LOST: 0, TWICE: 0}, {LOST: 20, TWICE: 30})
    assert "lost 20 orders and doubled 30" in said
    assert "0 were lost and 0 doubled" in said


def test_the_chart_becomes_a_still():
    """As every output does."""
    spec = nights_chart(20).to_dict()
    row = {"id": "1", "what": "order", "night": "late", "x": 3, "state": LOST}
    spec.setdefault("datasets", {})["live"] = [row]
    assert still(spec, "A chart", "A chart")[0]["image/png"]
