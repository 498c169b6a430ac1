from types import SimpleNamespace

import pytest

from eventlab.course import ch03_further as further
from eventlab.services import Answer


class Lab:
    """A lab whose links take faults, and carry nothing."""

    def __init__(self):
        self.faults = []

    def link(self, caller, callee):
        link = SimpleNamespace(address=callee, name=f"{caller} to {callee}")
        link.set = lambda faults: self._set(link, faults)
        return link

    def _set(self, link, faults):
        link.faults = faults
        self.faults.append(faults)


@pytest.fixture
def parts():
    return further.Parts(Lab(), ["one", "two"], share=0.2, seed=7)


def answer(parts, name, outcomes, seconds):
    for number, outcome in enumerate(outcomes):
        parts.answered(Answer(number, name, outcome, seconds))


def test_a_chain_is_compared_with_the_product_of_its_parts(parts):
    """Shares of what was answered, and the medians of what that took."""
    answer(parts, "one", ["200", "200", "200", "503"], 0.01)
    answer(parts, "two", ["200", "503"], 0.02)
    answer(parts, further.WHOLE, ["200", "200", "200", "200", "503"], 0.05)
    assert parts.figures() == {
        "chain": 0.8,
        "product": 0.375,
        "worst_part": 0.5,
        "chain_ms": 50.0,
        "sum_ms": 30.0,
        "slowest_part_ms": 20.0,
    }
    assert parts.scores() == {"orders": 5, "through the chain": 4}
    assert further.why_product(parts).startswith("Of 5 orders 4 got through.")


def test_every_link_has_the_same_share_of_faults_and_a_seed_of_its_own():
    """That of the customers to each service, and those between the services."""
    lab = Lab()
    further.Parts(lab, ["one", "two", "three"], share=0.2, seed=7)
    assert {fault.error_share for fault in lab.faults} == {0.2}
    assert len({fault.seed for fault in lab.faults}) == 5


def test_the_slider_changes_the_share_and_counts_anew(parts):
    """What was answered under another share would spoil the count."""
    answer(parts, "one", ["200"], 0.01)
    parts._share.value = 0.1
    assert parts.scores() == {"orders": 0, "through the chain": 0}
    assert {link.faults.error_share for link in parts._links} == {0.1}
