import json

import numpy
import pandas
import pytest

from eventlab.errors import UsageError
from eventlab.teach.claim import CLAIM_MIMETYPE, Claim


def shown(claim: Claim) -> dict:
    return claim._repr_mimebundle_()


def test_a_claim_that_holds_is_one_quiet_line_with_its_figures():
    """The mark, the sentence and the evidence stand in one line."""
    claim = Claim("01.order", "Order holds", holds=True, figures={"lost_orders": 0, "read": 12_000})
    assert shown(claim)["text/plain"] == "✔ Holds: Order holds (lost orders 0, read 12,000)"
    assert "Order holds" in shown(claim)["text/html"]


def test_a_claim_that_does_not_hold_says_so_without_colour():
    """The word differs, not only the colour; what was needed stands beside it."""
    claim = Claim("01.order", "Order holds", holds=False, inequality="crossings == 0")
    assert shown(claim)["text/plain"] == "✘ Does not hold: Order holds (needed crossings == 0)"


@pytest.mark.parametrize(
    ("holds", "word"),
    [(False, "Does not hold, broken on purpose"), (True, "Holds, broken on purpose")],
)
def test_a_broken_run_is_marked_as_one(holds, word):
    """Nobody takes a claim whose condition was removed for a failure of the lab."""
    claim = Claim("01.order", "Order holds", holds=holds, broken=True)
    assert f" {word}: " in shown(claim)["text/plain"]


def test_the_output_carries_the_whole_claim_as_json():
    """What the ledger needs survives a round through JSON."""
    claim = Claim(
        "01.order",
        "Order holds",
        holds=True,
        figures={"crossings": 0},
        inequality="crossings == 0",
        seed=7,
        versions={"kafka": "4.4.0"},
    )
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


@pytest.mark.parametrize(
    "verdict", [True, numpy.bool(True), pandas.Series([1, 2]).eq([1, 2]).all()]
)
def test_a_computed_bool_of_any_make_is_a_verdict(verdict):
    """numpy and pandas compute bools of their own; the claim keeps a plain one."""
    assert Claim("01.order", "Order holds", holds=verdict).holds is True


@pytest.mark.parametrize(
    "verdict", ["yes", 1, None, ..., pandas.Series([True]), numpy.array([True]), pandas.NA]
)
def test_anything_else_is_no_verdict(verdict):
    """A column that was not reduced, or a forgotten comparison, does not pass for true."""
    with pytest.raises(UsageError, match=r"expected True or False.*\.all\(\)"):
        Claim("01.order", "Order holds", holds=verdict)


def test_figures_become_plain():
    """Scalars of numpy are numbers like any other in the ledger."""
    figures = {"n": numpy.int64(3), "factor": numpy.float64(1.5), "same": numpy.bool(True)}
    found = Claim("01.order", "Order holds", holds=True, figures=figures, seed=numpy.int64(1))
    assert found.figures == {"n": 3, "factor": 1.5, "same": True}
    assert [type(value) for value in found.figures.values()] == [int, float, bool]
    assert type(found.seed) is int


@pytest.mark.parametrize(
    "value", [float("nan"), numpy.inf, None, [1], pandas.Timestamp(0), numpy.array([1])]
)
def test_a_figure_that_is_no_plain_one_is_refused(value):
    """Evidence that JSON cannot carry, or that was divided by zero, is noticed where it arises."""
    with pytest.raises(UsageError, match="The figure seconds is no plain figure"):
        Claim("01.order", "Order holds", holds=True, figures={"seconds": value})


@pytest.mark.parametrize("name", ["order", "", "01.", 1, "01 order"])
def test_a_claim_is_named_by_its_chapter(name):
    """The ledger finds a claim by chapter and name."""
    with pytest.raises(UsageError, match=r"such as '01\.order'"):
        Claim(name, "Order holds", holds=True)


def test_a_claim_says_something():
    """An empty sentence is no claim."""
    with pytest.raises(UsageError, match="needs a sentence"):
        Claim("01.order", " ", holds=True)
