"""What is promised under kills is kept, and what would break a promise is found.

The promises are in docs/promises.md.
"""

import json

import pytest

from eventlab.log import Cluster, produce
from tests.kills.campaign import after_kills
from tests.kills.history import looked_at

SHORT, LONG = 5, 100


def _is_whole(history, at_least: int) -> bool:
    return history.faults == {} and history.counted >= history.acknowledged >= at_least


@pytest.mark.broker
def test_a_few_kills_cost_nothing(tmp_path):
    """Nothing acknowledged is lost, nothing is doubled or miscounted, no process is left."""
    strikes = []
    history = after_kills(tmp_path, seed=7, kills=SHORT, say=strikes.append)
    assert len(strikes) == SHORT
    assert _is_whole(history, at_least=25 * SHORT), history


@pytest.mark.long
@pytest.mark.broker
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("seed", [1])
def test_a_hundred_kills_cost_nothing(tmp_path, seed):
    """Of each kind some, alone and two at once."""
    strikes = []
    history = after_kills(tmp_path, seed, LONG, say=strikes.append)
    assert len(strikes) == LONG
    assert _is_whole(history, at_least=25 * LONG), history


EVENTS = [{"event_id": f"1.{n}", "customer": f"c{n % 2}"} for n in range(4)]
RESULTS = [{"id": f"1.{n}", "number": 1 + n // 2} for n in range(4)]


@pytest.fixture
def trial(broker, new_topic, tmp_path, monkeypatch):
    """Return what looks at a history that is written by hand."""
    sent, counted = new_topic(1), new_topic(1)
    monkeypatch.setattr(f"{looked_at.__module__}.SENT", sent.name)
    monkeypatch.setattr(f"{looked_at.__module__}.COUNTED", counted.name)

    def look(events=EVENTS, results=RESULTS, acknowledged=EVENTS, offsets=(0, 1, 2, 3)):
        produce(sent, events, key="customer")
        produce(counted, results, key="id")
        lines = [json.dumps(one["event_id"]) + "\n" for one in acknowledged]
        (tmp_path / "acknowledged.1").write_text("".join(lines), encoding="utf-8")
        places = [f"0 {offset}\n" for offset in offsets]
        (tmp_path / "read.1").write_text("".join(places), encoding="utf-8")
        return looked_at(Cluster(broker.client_settings), tmp_path)

    return look


def test_a_history_without_a_fault_has_none(trial):
    """Results that are written again are none either, nor is half a line of one who was killed."""
    history = trial(results=[*RESULTS, RESULTS[-1]])
    assert (history.faults, history.acknowledged, history.counted) == ({}, 4, 5)


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        ("lost", {"events": EVENTS[:3], "results": RESULTS[:3]}),
        ("doubled", {"events": [*EVENTS, EVENTS[3]]}),
        ("miscounted", {"results": RESULTS[:3]}),
        ("miscounted", {"results": [*RESULTS, {"id": "1.3", "number": 3}]}),
        ("miscounted", {"results": [*RESULTS, {"id": "1.9", "number": 3}]}),
        ("misread", {"offsets": (0, 1, 3)}),
        ("misread", {"offsets": (0, 1, 1, 2, 3)}),
    ],
)
def test_each_kind_of_fault_is_found(trial, kind, what):
    """A check that finds nothing would keep every promise."""
    assert kind in trial(**what).faults
