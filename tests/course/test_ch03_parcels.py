from types import SimpleNamespace

from eventlab.course import ch03_parcels as parcels
from eventlab.events import Shop
from eventlab.log import Batch
from eventlab.services import Answer


def test_parcels_are_the_story_s_own():
    """Each with the days between its leaving and its arrival."""
    found = parcels.parcels(Shop(seed=7), 8)
    assert len({one.shipment.order_id for one in found}) == 8
    assert all(0.1 < one.days < 14 for one in found)
    assert [one.shipment.at for one in found] == sorted(one.shipment.at for one in found)


def test_a_call_is_measured_in_days():
    """As long as it was open, beside how long the parcel travels."""
    sent = parcels.parcels(Shop(seed=7), 2)
    picture = parcels.Parcels(sent, SimpleNamespace(), day_seconds=2.0)
    assert len(list(picture.sending(sent))) == 2
    assert picture.scores()["calls open"] == 2
    picture.answered(Answer(0, "courier", "200", 3.0))
    arrived = Batch()
    arrived.fields = [{"order_id": sent[0].shipment.order_id}]
    picture._note_arrived(arrived)
    assert picture.scores()["calls open"] == 1
    assert picture.figures()["longest_call_days"] == 1.5
    assert (picture.figures()["parcels"], picture.figures()["arrived"]) == (2, 1)
