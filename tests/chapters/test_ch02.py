import pytest

from tests.chapters.running import run, solution, verdicts

pytestmark = pytest.mark.broker

CLAIMS = {"02.table", "02.survives", "02.enrich", "02.aborted", "02.same"}
NO_TOMBSTONE = solution("02", 1).replace("if open_orders else (None, None)", "")


@pytest.mark.parametrize("seed", [7, 11, 4711])
def test_every_claim_holds(tmp_path, seed):
    """Whatever the story, the chapter's claims hold."""
    done = run("02", tmp_path, SEED=seed)
    assert done.error == ""
    assert [claim for claim in done.claims if not claim["holds"]] == []
    assert {claim["claim"] for claim in done.claims} == CLAIMS
    assert {claim["seed"] for claim in done.claims} == {seed}


def test_without_its_conditions_no_claim_holds(tmp_path):
    """Scattered keys, no store, today's table, and a reader of what is not committed."""
    done = run("02", tmp_path, BREAK=True)
    assert done.error == ""
    assert {claim["claim"] for claim in done.flipped} == CLAIMS


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (solution("02", 1), "right"),
        (NO_TOMBSTONE, "wrong"),
    ],
    ids=["solved", "no tombstone"],
)
def test_the_exercise_is_judged(tmp_path, answer, state):
    """The solution is right; whoever keeps empty rows is told so."""
    assert verdicts("02", tmp_path, {1: answer}) == {"02.1": state}
