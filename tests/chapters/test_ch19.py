import pytest

from tests.chapters.running import run, solution, verdicts

pytestmark = pytest.mark.broker

CLAIMS = {"19.arrival", "19.grace", "19.dropped", "19.kinds"}
NOBODY_LATE = "def my_change(bench):\n    bench.set(grace=timedelta(hours=9))"
ALL_LATE = "def my_change(bench):\n    bench.set(grace=timedelta(0), length=timedelta(minutes=1))"


@pytest.mark.parametrize("seed", [7, 11, 4711])
def test_every_claim_holds(tmp_path, seed):
    """Whatever hour lies on the bench."""
    done = run("19", tmp_path, SEED=seed)
    assert done.error == ""
    assert [claim for claim in done.claims if not claim["holds"]] == []
    assert {claim["claim"] for claim in done.claims} == CLAIMS


def test_without_its_conditions_no_claim_holds(tmp_path):
    """Nobody waits, and what was dropped is not kept."""
    done = run("19", tmp_path, BREAK=True)
    assert done.error == ""
    assert {claim["claim"] for claim in done.flipped} == CLAIMS


@pytest.mark.parametrize(
    ("grace", "change", "states"),
    [
        ("my_grace = ...", "def my_change(bench):\n    ...", ("not yet", "not yet")),
        (solution("19", 1), solution("19", 2), ("right", "right")),
        ("my_grace = 60", NOBODY_LATE, ("wrong", "wrong")),
        ("my_grace = 480", ALL_LATE, ("wrong", "wrong")),
    ],
    ids=["blank", "solved", "too little", "too much"],
)
def test_the_exercises_are_judged(tmp_path, grace, change, states):
    """Blank is not yet; too short a grace and too long a one, none too late and all too late."""
    found = verdicts("19", tmp_path, {1: grace, 2: change})
    assert (found["19.1"], found["19.2"]) == states
