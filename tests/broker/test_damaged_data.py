"""Kafka's data damaged in every way: set aside with a word, nothing of it deleted, started anew."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from eventlab.broker import Broker, join
from eventlab.folders import cache_folder
from eventlab.log import Cluster, Topic, produce
from tests.broker.homes import assert_nothing_left

pytestmark = pytest.mark.broker

METADATA = "__cluster_metadata-0"
SEGMENT = "00000000000000000000.log"
GARBAGE = b"\x07garbage\xff" * 50


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """Return the data of a broker that had a topic with a record, and was ended in order."""
    home = tmp_path_factory.mktemp("whole")
    (home / "cache").symlink_to(cache_folder().resolve(), target_is_directory=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EVENTLAB_HOME", str(home))
        with join("a test") as seat:
            topic = Topic(Cluster(seat.client_settings), "orders").reset(1)
            produce(topic, [{"order": 1}])
            seat.end()
    assert_nothing_left(home)
    return home / "data" / "kafka"


@pytest.fixture
def data(home, whole) -> Path:
    """Return a copy of it in a home of its own, with a file that is nobody's but the learner's."""
    copied = Path(shutil.copytree(whole, home / "data" / "kafka"))
    (copied / "mine").write_text("precious", encoding="utf-8")
    return copied


def spoil(*parts: str, content: bytes = GARBAGE) -> Callable[[Path], object]:
    """Return what writes something else into a file."""
    return lambda data: data.joinpath(*parts).write_bytes(content)


def lack(*parts: str) -> Callable[[Path], object]:
    """Return what takes a file or a folder away."""

    def take(data: Path) -> None:
        path = data.joinpath(*parts)
        shutil.rmtree(path) if path.is_dir() else path.unlink()

    return take


def change(name: str, value: str) -> Callable[[Path], object]:
    """Return what gives a property of Kafka's own file another value."""

    def write(data: Path) -> None:
        path = data / "meta.properties"
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(f"{name}=.*", f"{name}={value}", text), encoding="utf-8")

    return write


def flip(data: Path) -> None:
    """Damage the metadata in their middle."""
    path = data / METADATA / SEGMENT
    content = path.read_bytes()
    path.write_bytes(content[:300] + b"\xff" * 50 + content[350:])


def empty(data: Path) -> None:
    """Leave nothing in the folder of the metadata."""
    for path in (data / METADATA).iterdir():
        path.unlink()


REFUSED = {
    "no metadata": lack(METADATA),
    "found after the port": spoil("orders-0", SEGMENT),
}
REFUSED_TOO = {
    "lost metadata": spoil(METADATA, SEGMENT, content=b""),
    "properties of garbage": spoil("meta.properties"),
    "empty properties": spoil("meta.properties", content=b""),
    "no properties": lack("meta.properties"),
    "another node": change("node.id", "7"),
    "another version": change("version", "9"),
    "another directory": change("directory.id", "A" * 22),
    "no metadata log": lack(METADATA, SEGMENT),
    "a metadata log of garbage": spoil(METADATA, SEGMENT),
    "a metadata log with a hole": flip,
    "an empty folder of metadata": empty,
    "a quorum of garbage": spoil(METADATA, "quorum-state"),
    "a checkpoint of garbage": spoil(METADATA, f"{'0' * 20}-{'0' * 10}.checkpoint"),
    "a partition of garbage": spoil("orders-0", "partition.metadata"),
    "offsets of garbage": spoil("recovery-point-offset-checkpoint"),
    "high watermarks of garbage": spoil("replication-offset-checkpoint"),
    "a folder that is no topic": lambda data: (data / "holiday photos").mkdir(),
}
TAKEN = {
    "another cluster": change("cluster.id", "A" * 22),
    "no quorum": lack(METADATA, "quorum-state"),
    "no segment": lack("orders-0", SEGMENT),
    "an index of garbage": spoil("orders-0", SEGMENT.replace("log", "index")),
    "no folder of a partition": lack("orders-0"),
}


def named(damages: dict[str, Callable], *marks: pytest.MarkDecorator) -> list:
    """Return a parameter for each damage."""
    return [pytest.param(damage, id=name, marks=marks) for name, damage in damages.items()]


def topics(seat: Broker) -> set[str]:
    """Return the names of the topics that a learner made."""
    return {name for name in Cluster(seat.client_settings).metadata().topics if name[0] != "_"}


@pytest.mark.parametrize("damage", [*named(REFUSED), *named(REFUSED_TOO, pytest.mark.long)])
def test_what_kafka_cannot_read_is_set_aside(data, damage):
    """The log starts empty and says so in one sentence; the old one is there, its topics too."""
    damage(data)
    before = {path.name for path in data.iterdir()}
    with join("a test") as seat:
        assert seat.status == "running"
        assert topics(seat) == set()
        (aside,) = data.parent.glob("kafka-set-aside-*")
        assert str(aside) in seat.notice
        seat.end()
    assert (aside / "mine").read_text(encoding="utf-8") == "precious"
    assert before <= {path.name for path in aside.iterdir()} | {".kafka_cleanshutdown"}


@pytest.mark.long
@pytest.mark.parametrize("damage", named(TAKEN))
def test_what_kafka_can_mend_stays_where_it_is(data, damage):
    """It goes on with all that is left, and there is nothing to say."""
    damage(data)
    with join("a test") as seat:
        assert topics(seat) == {"orders"}
        assert not [*data.parent.glob("kafka-set-aside-*")]
        assert seat.notice == ""
        seat.end()


@pytest.mark.long
@pytest.mark.parametrize("kind", ["a file", "a link to nothing", "an empty folder", "other files"])
def test_what_is_no_data_at_all_is_set_aside(home, kind):
    """Whatever is in the place of the data is somebody's."""
    place = home / "data" / "kafka"
    place.parent.mkdir()
    if kind == "a file":
        place.write_bytes(GARBAGE)
    elif kind == "a link to nothing":
        place.symlink_to("/nowhere/at/all")
    else:
        place.mkdir()
    if kind == "other files":
        (place / "thesis.txt").write_bytes(GARBAGE)
    with join("a test") as seat:
        (aside,) = place.parent.glob("kafka-set-aside-*")
        assert str(aside) in seat.notice
        seat.end()
    assert aside.is_symlink() == (kind == "a link to nothing")
    if kind == "other files":
        assert (aside / "thesis.txt").read_bytes() == GARBAGE
