"""What is broken in the runs of an experiment, on runs that are nothing but what they have."""

from types import SimpleNamespace

import pytest

from eventlab.errors import UsageError
from eventlab.lab.breaking import bands_of, let, places_of, seconds_of
from eventlab.live.director import Band, Place
from tests.services.breaking import Target


def run(*names, met=None, scheduled=()):
    """Return a run that has things of these names."""
    targets = {name: Target(name, [] if met is None else met) for name in names}
    return SimpleNamespace(breakables=lambda: targets, scheduled=list(scheduled), players=[])


def test_what_any_run_has_can_be_broken():
    """Each name once, with what is wrong in the first run that has it."""
    runs = [run("stock"), run("stock", "front to log")]
    runs[0].breakables()["stock"].now = "killed"
    places = {place.name: place for place in places_of(runs)}
    assert places["stock"] == Place("stock", "killed", ["hangs", "killed"])
    assert places["front to log"] == Place("front to log", "", ["hangs", "killed"])


def test_what_is_wrong_is_among_the_choices():
    """Also where a schedule, or the notebook, has let it happen."""
    one = run("stock")
    one.breakables()["stock"].now = "frozen"
    assert places_of([one]) == [Place("stock", "frozen", ["hangs", "killed", "frozen"])]


def test_it_happens_in_every_run_that_has_it():
    """And "" mends it."""
    met = []
    runs = [run("stock", met=met), run("front", met=met), run("stock", met=met)]
    let(runs, "stock", "killed")
    let(runs, "stock", "")
    assert met == [("stock", "killed")] * 2 + [("stock", None)] * 2


@pytest.mark.parametrize(
    ("name", "words", "expected"),
    [
        ("stok", "killed", "expected 'front' or 'stock', found 'stok'"),
        ("stock", "burnt", "expected 'hangs' or 'killed', found 'burnt'"),
        (["stock"], "killed", "expected 'front' or 'stock'"),
        ("stock", None, "expected 'hangs' or 'killed'"),
    ],
)
def test_what_is_not_there_is_refused(name, words, expected):
    """Nothing is broken by it."""
    met = []
    with pytest.raises(UsageError, match=expected):
        let([run("stock", "front", met=met)], name, words)
    assert met == []


def test_both_runs_meet_one_schedule():
    """Which is drawn once."""
    row = {"target": "stock", "begin": 1.0, "end": 2.0, "words": "killed"}
    scheduled = SimpleNamespace(bands=lambda: [row], seconds=lambda moment: 7.0)
    runs = [run(scheduled=[scheduled]), run(scheduled=[scheduled])]
    assert bands_of(runs) == [Band("stock", 1.0, 2.0, "killed")]
    assert (bands_of([]), seconds_of(runs)) == ([], 0.0)
    runs[0].players.append(SimpleNamespace(status=SimpleNamespace(virtual_time=None)))
    assert seconds_of(runs) == 7.0
