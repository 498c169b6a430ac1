import pickle
import sys

import pytest

from eventlab.processes import child
from eventlab.services.inside import Place
from eventlab.services.plan import Failed, Plan
from tests.services import apps
from tests.structure.files import ROOT


@pytest.mark.parametrize(
    ("work", "words"),
    [(b"no pickle", "UnpicklingError"), (pickle.dumps(7), "'int' object"), (None, "not to be had")],
    ids=["unreadable", "a number", "unloadable"],
)
def test_what_ends_it_is_the_last_that_it_says(work, words, monkeypatch, tmp_path):
    """An error is a frame, its traceback is in the output, and the status is 1."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    work = work or pickle.dumps(apps.Unloadable())
    with (tmp_path / "output").open("wb") as output:
        one = child.spawn("eventlab.services.consuming", errors=output)
        one.send(Plan(Place("shop"), work, list(sys.path), {}))
        frame = one.receive()
        assert one.wait() == 1
        one.close()
    assert isinstance(frame, Failed)
    assert words in str(frame.error)
    assert "Traceback" in (tmp_path / "output").read_text(encoding="utf-8")
