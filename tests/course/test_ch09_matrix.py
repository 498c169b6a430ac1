"""The picture of connections: counted from outside, whatever was agreed."""

from types import SimpleNamespace

import pytest

from eventlab.course import ch09_matrix
from eventlab.course.ch09 import SYSTEMS, growing
from eventlab.course.ch09_charts import READS, WRITES
from eventlab.course.ch09_matrix import Matrix
from eventlab.course.ch09_system import CALL, FILE, LOG, Data

NAMES = SYSTEMS[:3]


def span(service, peer, kind="client", status="ok"):
    """Return a span as it stands in its topic."""
    return {
        "trace_id": "t",
        "span_id": f"{service}{peer}{kind}",
        "parent_id": None,
        "service": service,
        "name": "call",
        "kind": kind,
        "start_us": 1,
        "duration_us": 1,
        "status": status,
        "words": "",
        "peer": peer,
        "key": None,
    }


class Scene:
    """A matrix of three systems without services."""

    def __init__(self, folder):
        self.folder = folder
        lab = SimpleNamespace(
            topic=lambda name: SimpleNamespace(name=f"lab.{name}"),
            name=lambda name: f"lab.{name}",
            cluster=None,
        )
        self.picture = Matrix(lab, folder, growing(7, NAMES), NAMES)

    def spans(self, *spans):
        self.picture._note(SimpleNamespace(fields=[{"value": list(spans)}]))


@pytest.fixture
def scene(tmp_path, monkeypatch):
    monkeypatch.setattr(ch09_matrix, "committed", committed_of)
    return Scene(tmp_path)


def committed_of(_cluster, group, places):
    """Return what a group has committed of all topics but its own."""
    return {place: 3 for place in places if place[0] != group}


def test_a_call_that_was_answered_is_a_connection(scene):
    """One that failed, and one that goes the other way, are none."""
    scene.spans(span("shop", "stock"), span("stock", "shop", status="error"))
    scene.spans(span("shop", "stock"))
    assert scene.picture.connections() == {("shop", "stock"): CALL}


def test_a_file_that_is_there_is_a_connection(scene):
    """A part of one is none."""
    (scene.folder / "shop to stock.csv").touch()
    (scene.folder / "stock to shop.part").touch()
    assert scene.picture.connections() == {("shop", "stock"): FILE}


def test_whoever_writes_to_the_log_or_has_read_from_it_is_connected(scene):
    """Each once, however many topics there are."""
    scene.spans(span("shop", "lab.shop", kind="producer"))
    scene.spans(span("stock", "lab.stock", kind="producer", status="error"))
    scene.picture._look_at_groups()
    reads = {(name, READS) for name in NAMES}
    assert scene.picture.log_connections() == reads | {("shop", WRITES)}


def test_the_first_systems_are_counted_among_themselves(scene):
    """A connection counts when both of its ends are there."""
    for file in ("shop to stock", "stock to shop", "shop to customers"):
        (scene.folder / f"{file}.csv").touch()
    scene.picture._look_at_groups()
    assert scene.picture.counted(2) == {"point to point": 2, LOG: 2}
    assert scene.picture.counted(3) == {"point to point": 3, LOG: 3}


def test_the_copies_are_counted_in_the_systems_files(scene):
    """Of each way, and of each owner once."""
    data = Data(scene.folder / "shop.sqlite")
    for row in ("a", "b"):
        data.copy(CALL, {"owner": "stock", "row": row, "event_id": "1", "value": 1})
    data.copy(LOG, {"owner": "stock", "row": "a", "event_id": "1", "value": 1})
    data.close()
    found = scene.picture.figures()
    assert (found["copies"], found["copies_by_log"]) == (1, 1)
    assert scene.picture.scores()["copies through the log"] == 1


def test_each_step_waits_for_the_one_before(scene):
    """But for the first ones, at which whoever plays looks ahead."""
    story = scene.picture.story()
    ahead = [next(story) for _ in range(10)]
    assert len(ahead) == 10
    for _ in range(10 * len(NAMES)):
        scene.picture.answered(None)
    assert next(story).event_id == "0-shop"


def test_what_is_connected_is_drawn(scene):
    """A cell each, the counts, and the names."""
    (scene.folder / "shop to stock.csv").touch()
    scene.picture._look()
    rows = scene.picture.chart.rows
    cells = [
        words for what, words in zip(rows["what"], rows["words"], strict=True) if what == "cell"
    ]
    assert cells == ["shop to stock"]
    assert set(NAMES) <= set(rows["words"])
