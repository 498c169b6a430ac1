import pytest

from tests.chapters.running import run, solution, verdicts

pytestmark = pytest.mark.broker

CLAIMS = {"01.order", "01.replay", "01.batching", "01.old"}


@pytest.mark.parametrize("seed", [7, 11, 4711])
def test_every_claim_holds(tmp_path, seed):
    """Whatever the story, the chapter's claims hold."""
    done = run("01", tmp_path, SEED=seed)
    assert done.error == ""
    assert [claim for claim in done.claims if not claim["holds"]] == []
    assert {claim["claim"] for claim in done.claims} == CLAIMS
    assert {claim["seed"] for claim in done.claims} == {seed}


def test_without_its_conditions_no_claim_holds(tmp_path):
    """Spread keys, one shared group, no batches and look-ups one by one: each flips its claim."""
    done = run("01", tmp_path, BREAK=True)
    assert done.error == ""
    assert {claim["claim"] for claim in done.flipped} == CLAIMS


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("my_key = ...", "not yet"),
        (solution("01", 1), "right"),
        ('my_key = "country"', "wrong"),
        ('my_key = "order_id"', "wrong"),
    ],
    ids=["blank", "solved", "skewed", "scattered"],
)
def test_the_exercise_is_judged(tmp_path, answer, state):
    """Blank is not yet, the customer is right; too few keys and too many are wrong."""
    assert verdicts("01", tmp_path, {1: answer}) == {"01.1": state}
