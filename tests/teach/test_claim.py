import json

import numpy
import pandas
import pytest

from eventlab.errors import UsageError
from eventlab.teach.claim import CLAIM_MIMETYPE, Claim


def shown(claim: Claim) -> dict:
    return claim._repr_mimebundle_()


def order(crossings: object = 0, **more) -> Claim:
    """Return a claim that holds without crossings."""
    given = {"needs": "crossings == 0", "figures": {"crossings": crossings}} | more
    return Claim("01.order", "Order holds", **given)


def test_a_claim_that_holds_is_one_line_with_its_figures():
    """The mark, the sentence, the evidence and what was needed stand in one line."""
    claim = order(figures={"crossings": 0, "orders_read": 12_000})
    assert shown(claim)["text/plain"] == (
        "✔ Holds: Order holds (crossings 0, orders read 12,000, needed crossings == 0)"
    )
    assert "Order holds" in shown(claim)["text/html"]
    assert "needed crossings == 0" in shown(claim)["text/html"]


def test_a_claim_that_does_not_hold_says_so_without_colour():
    """The word differs, not only the colour; what was needed stands beside it."""
    assert shown(order(3))["text/plain"] == (
        "✘ Does not hold: Order holds (crossings 3, needed crossings == 0)"
    )


@pytest.mark.parametrize(
    ("crossings", "word"),
    [(3, "Does not hold, broken on purpose"), (0, "Holds, broken on purpose")],
)
def test_a_broken_run_is_marked_as_one(crossings, word):
    """Nobody takes a claim whose condition was removed for a failure of the lab."""
    assert f" {word}: " in shown(order(crossings, broken=True))["text/plain"]


def test_the_output_carries_the_whole_claim_as_json():
    """What the ledger needs survives a round through JSON, the inequality included."""
    claim = order(seed=7, versions={"kafka": "4.4.0"}, needs=" crossings == 0 ")
    assert json.loads(json.dumps(shown(claim)[CLAIM_MIMETYPE], allow_nan=False)) == {
        "chapter": "01",
        "claim": "01.order",
        "sentence": "Order holds",
        "holds": True,
        "broken": False,
        "seed": 7,
        "figures": {"crossings": 0},
        "inequality": "crossings == 0",
        "versions": {"kafka": "4.4.0"},
    }


@pytest.mark.parametrize("same", [True, numpy.bool(True), pandas.Series([1, 2]).eq([1, 2]).all()])
def test_a_computed_bool_of_any_make_decides_as_a_figure(same):
    """numpy and pandas compute bools of their own; the claim keeps a plain one."""
    assert order(needs="same", figures={"same": same}).holds is True


@pytest.mark.parametrize("crossings", [0, numpy.int64(0), numpy.float64(0)])
def test_a_number_of_any_make_decides(crossings):
    """What numpy counted is a number like any other."""
    assert order(crossings).holds is True


def test_nobody_decides_but_the_figures():
    """There is no way to say the verdict instead of its inequality."""
    with pytest.raises(TypeError, match="holds"):
        Claim("01.order", "Order holds", needs="n == 0", figures={"n": 1}, holds=True)


@pytest.mark.parametrize("broken", ["yes", 1, None, pandas.NA])
def test_broken_is_true_or_false(broken):
    """Whatever else stands for BREAK is a slip."""
    with pytest.raises(UsageError, match="expected broken=True or broken=False"):
        order(broken=broken)


def test_figures_become_plain():
    """Scalars of numpy are numbers like any other in the ledger."""
    figures = {"n": numpy.int64(3), "factor": numpy.float64(1.5), "same": numpy.bool(True)}
    found = order(needs="n == 3", figures=figures, seed=numpy.int64(1))
    assert found.figures == {"n": 3, "factor": 1.5, "same": True}
    assert [type(value) for value in found.figures.values()] == [int, float, bool]
    assert type(found.seed) is int


@pytest.mark.parametrize(
    "value", [float("nan"), numpy.inf, None, [1], pandas.Timestamp(0), numpy.array([1])]
)
def test_a_figure_that_is_no_plain_one_is_refused(value):
    """Evidence that JSON cannot carry, or that was divided by zero, is noticed where it arises."""
    with pytest.raises(UsageError, match="The figure seconds is no plain figure"):
        order(needs="seconds > 1", figures={"seconds": value})


@pytest.mark.parametrize("name", ["order", "", "01.", 1, "01 order"])
def test_a_claim_is_named_by_its_chapter(name):
    """The ledger finds a claim by chapter and name."""
    with pytest.raises(UsageError, match=r"such as '01\.order'"):
        Claim(name, "Order holds", needs="n == 0", figures={"n": 0})


def test_a_claim_says_something():
    """An empty sentence is no claim."""
    with pytest.raises(UsageError, match="needs a sentence"):
        Claim("01.order", " ", needs="n == 0", figures={"n": 0})
