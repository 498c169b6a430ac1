from itertools import islice
from types import SimpleNamespace

import pytest

from eventlab.course import ch03_further as further
from eventlab.events import Shop
from eventlab.log import Batch
from eventlab.services import Answer

STORY = list(islice(Shop(seed=7).orders(), 60))


class Lab:
    """A lab whose links take faults, and carry nothing."""

    def __init__(self):
        self.faults = []

    def link(self, caller, callee):
        link = SimpleNamespace(url=f"http://{callee}", name=f"{caller} to {callee}")
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


def test_parcels_are_the_story_s_own():
    """Each with the days between its leaving and its arrival."""
    found = further.parcels(Shop(seed=7), 8)
    assert len({one.shipment.order_id for one in found}) == 8
    assert all(0.1 < one.days < 14 for one in found)
    assert [one.shipment.at for one in found] == sorted(one.shipment.at for one in found)


def test_a_call_is_measured_in_days():
    """As long as it was open, beside how long the parcel travels."""
    sent = further.parcels(Shop(seed=7), 2)
    picture = further.Parcels(sent, SimpleNamespace(), day_seconds=2.0)
    assert len(list(picture.sending(sent))) == 2
    assert picture.scores()["calls open"] == 2
    picture.answered(Answer(0, "courier", "200", 3.0))
    arrived = Batch()
    arrived.fields = [{"order_id": sent[0].shipment.order_id}]
    picture._note_arrived(arrived)
    assert picture.scores()["calls open"] == 1
    assert picture.figures()["longest_call_days"] == 1.5
    assert (picture.figures()["parcels"], picture.figures()["arrived"]) == (2, 1)


@pytest.mark.parametrize("by_calls", [True, False])
def test_each_order_knows_which_version_has_done_it(by_calls):
    """From the answer where the shop calls, from the last topic where it does not."""
    topic = None if by_calls else SimpleNamespace()
    deployed = []
    versions = further.Versions(STORY, deployed.append, packed=topic)
    versions._asked = 4
    versions.answered(Answer(0, "shop", "200", 0.0))
    versions.answered(Answer(1, "shop", "503", 0.0))
    versions._running = further.SECOND
    versions.answered(Answer(3, "shop", "200", 0.0))
    if not by_calls:
        packed = Batch()
        packed.fields = [{"order_id": STORY[0].order_id, "packed_by": further.FIRST}]
        versions._note_packed(packed)
    assert versions.scores() == {
        further.FIRST: 1,
        further.WAITING: 1 if by_calls else 2,
        further.SECOND: 1 if by_calls else 0,
        further.REFUSED: 1,
    }
    assert versions.figures()["refused"] == 1
