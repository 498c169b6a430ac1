from itertools import islice
from types import SimpleNamespace

import pytest

from eventlab.course import ch03_versions as changed
from eventlab.events import Shop
from eventlab.log import Batch
from eventlab.services import Answer

STORY = list(islice(Shop(seed=7).orders(), 60))


@pytest.mark.parametrize("by_calls", [True, False])
def test_each_order_knows_which_version_has_done_it(by_calls):
    """From the answer where the shop calls, from the last topic where it does not."""
    topic = None if by_calls else SimpleNamespace()
    deployed = []
    versions = changed.Versions(STORY, deployed.append, packed=topic)
    versions._asked = 4
    versions.answered(Answer(0, "shop", "200", 0.0))
    versions.answered(Answer(1, "shop", "503", 0.0))
    versions._running = changed.SECOND
    versions.answered(Answer(3, "shop", "200", 0.0))
    if not by_calls:
        packed = Batch()
        packed.fields = [{"order_id": STORY[0].order_id, "packed_by": changed.FIRST}]
        versions._note_packed(packed)
    assert versions.scores() == {
        changed.FIRST: 1,
        changed.WAITING: 1 if by_calls else 2,
        changed.SECOND: 1 if by_calls else 0,
        changed.REFUSED: 1,
    }
    assert versions.figures()["refused"] == 1
