import pytest

from tests.chapters.running import run, solution, verdicts

pytestmark = pytest.mark.broker

CLAIMS = {"00.real", "00.resume"}


@pytest.mark.parametrize("seed", [7, 11, 4711])
def test_every_claim_holds(tmp_path, seed):
    """Whatever the story, the chapter's claims hold."""
    done = run("00", tmp_path, SEED=seed)
    assert done.error == ""
    assert [claim for claim in done.claims if not claim["holds"]] == []
    assert {claim["claim"] for claim in done.claims} == CLAIMS
    assert {claim["seed"] for claim in done.claims} == {seed}


def test_a_stopped_broker_breaks_both_claims(tmp_path):
    """With the broker stopped while the reader is away, neither claim holds."""
    done = run("00", tmp_path, BREAK=True)
    assert done.error == ""
    assert {claim["claim"] for claim in done.flipped} == CLAIMS
    assert all(claim["broken"] for claim in done.claims)


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("france = ...", "not yet"),
        (solution("00", 1), "right"),
        ("france = len(first)", "wrong"),
    ],
    ids=["blank", "solved", "wrong"],
)
def test_the_exercise_is_judged(tmp_path, answer, state):
    """Blank is not yet, the solution is right, and the first hundred orders are wrong."""
    assert verdicts("00", tmp_path, {1: answer}) == {"00.1": state}
