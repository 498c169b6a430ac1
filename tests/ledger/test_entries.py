from dataclasses import replace

import pytest

from eventlab.course.arguments import Argument
from eventlab.ledger import entries
from eventlab.ledger.entries import Ledger
from tests.ledger.made import claim, evidence, normal_and_broken

GOOD = normal_and_broken()


def argued(monkeypatch, *arguments):
    """Let the book argue this in chapter 77."""
    monkeypatch.setattr(entries, "ARGUMENTS", {"77": arguments})


def test_a_claim_that_holds_and_flips_is_as_it_should_be():
    """Nothing is wrong, and the summary counts it."""
    assert GOOD.faults == []
    assert Ledger([GOOD]).summary == (
        "1 chapter, 1 argument, 1 claim. As it is: 1 true. Broken on purpose: 1 false."
    )


def test_a_line_has_the_claim_beside_its_argument():
    """With what was claimed, what was needed, and both runs."""
    (line,) = GOOD.entries
    assert (line.argument, line.claim) == ("Order | is kept", "77.order")
    assert (line.sentence, line.needs) == ("Order of 77.order <holds>", "crossings < 1")
    assert (line.normal["figures"]["crossings"], line.broken["figures"]["crossings"]) == (0, 3)
    assert (line.holds, line.flips) == (True, True)


def test_lines_come_in_the_order_of_the_arguments(monkeypatch):
    """Whatever the order in which the claims were made; an argument without one keeps its place."""
    argued(
        monkeypatch,
        Argument("First", ("77.b", "77.a")),
        Argument("Second"),
        Argument("Third", ("77.c",)),
    )
    made = replace(GOOD, normal=evidence(claim("77.a"), claim("77.b"), claim("77.c")))
    lines = [(line.argument, line.claim) for line in made.entries[:4]]
    assert lines == [("First", "77.b"), ("First", "77.a"), ("Second", ""), ("Third", "77.c")]


def test_an_argument_without_a_claim_is_a_fault(monkeypatch):
    """The curriculum promises it."""
    argued(monkeypatch, *entries.ARGUMENTS["77"], Argument("Readers are free"))
    assert GOOD.faults == ["77: the argument “Readers are free” has no claim"]


def test_a_claim_that_is_not_made_is_a_fault(monkeypatch):
    """The table names one that the chapter has lost."""
    argued(monkeypatch, Argument("Order is kept", ("77.order", "77.gone")))
    assert GOOD.faults == ["77: the claim 77.gone is not made"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"normal": evidence(claim(crossings=1))}, "the claim 77.order does not hold"),
        (
            {"broken": evidence(claim(broken=True))},
            "broken on purpose, 77.order does not turn out false",
        ),
        ({"broken": evidence()}, "broken on purpose, 77.order does not turn out false"),
        ({"normal": None}, "there is no normal run"),
        ({"broken": None}, "there is no broken run"),
        (
            {"normal": evidence(claim(), error="cell 3: KeyError: 'at'")},
            "the normal run stopped: cell 3: KeyError: 'at'",
        ),
    ],
)
def test_what_is_not_as_it_should_be_is_one_fault(changes, fault):
    """Each begins with the chapter's number."""
    assert replace(GOOD, **changes).faults == [f"77: {fault}"]


def test_of_an_argument_one_claim_has_to_flip(monkeypatch):
    """The others may rest on something that breaking the chapter leaves."""
    argued(monkeypatch, Argument("Order is kept", ("77.order", "77.replay")))
    made = replace(
        GOOD,
        normal=evidence(claim(), claim("77.replay")),
        broken=evidence(claim(crossings=1, broken=True), claim("77.replay", broken=True)),
    )
    assert made.faults == []
    flat = evidence(claim(broken=True), claim("77.replay", broken=True))
    assert replace(made, broken=flat).faults == [
        "77: broken on purpose, 77.order or 77.replay does not turn out false"
    ]


def test_a_claim_of_no_argument_is_a_fault_and_a_line():
    """It is not left out of the ledger without anybody seeing it."""
    stray = replace(GOOD, normal=evidence(claim(), claim("77.more")))
    assert stray.faults == ["77: the claim 77.more belongs to no argument"]
    assert (stray.entries[-1].claim, stray.entries[-1].argument) == ("77.more", "")


def test_the_ledger_has_the_lines_and_faults_of_all_chapters():
    """In the order of the sections."""
    ledger = Ledger([GOOD, replace(GOOD, broken=None)])
    assert len(ledger.entries) == 2
    assert ledger.faults == ["77: there is no broken run"]
