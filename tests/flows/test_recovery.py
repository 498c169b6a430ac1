import json
import os
import signal
from contextlib import suppress
from datetime import timedelta
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from random import Random

import bytewax.operators as op
import pytest
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource, run_main

from eventlab.errors import RecoveryError, StorageError
from eventlab.events import Shop
from eventlab.flows import recovery, run
from eventlab.flows.recovery import forget, prepare_store, recovery_config
from eventlab.log import Topic, produce, read
from tests.broker.homes import can_mount, small_disk
from tests.streams.counting import counting, numbered
from tests.waiting import until

needs_mount = pytest.mark.skipif(not can_mount(), reason="only root can mount a small disk")

INPUT = ["a", "b", "a", TestingSource.EOF(), "a", "b"]


def counts(name: str = "counts", step: str = "count", out: list | None = None) -> Dataflow:
    """Return a flow that counts its keys."""
    flow = Dataflow(name)
    keys = op.key_on("key", op.input("in", flow, TestingSource(list(INPUT))), str)
    counted = op.stateful_map(step, keys, lambda n, _key: ((n or 0) + 1, (n or 0) + 1))
    op.output("out", counted, TestingSink([] if out is None else out))
    return flow


def test_a_flow_goes_on_where_it_was(tmp_path):
    """The second run begins with what the first one knew."""
    out: list = []
    for _ in range(2):
        flow = counts(out=out)
        run_main(flow, recovery_config=recovery_config(tmp_path / "store", flow))
    assert [pair for pair in out if pair[0] == "a"] == [("a", 1), ("a", 2), ("a", 3)]


@pytest.mark.parametrize(
    ("other", "said"),
    [(counts("others"), "another flow"), (counts(step="tally"), "other steps")],
    ids=["flow", "steps"],
)
def test_the_store_of_another_flow_is_refused(tmp_path, other, said):
    """Its state would be lost, or taken for what it is not."""
    recovery_config(tmp_path / "store", counts())
    with pytest.raises(RecoveryError, match=f"{said}: expected .*, found .*Give this flow another"):
        recovery_config(tmp_path / "store", other)


def test_the_store_of_another_version_is_refused(tmp_path):
    """What it wrote may mean something else today."""
    recovery_config(tmp_path / "store", counts())
    label = tmp_path / "store" / "flow.json"
    label.write_text(
        json.dumps(json.loads(label.read_text(encoding="utf-8")) | {"bytewax": "0.20"}),
        encoding="utf-8",
    )
    with pytest.raises(RecoveryError, match=r"bytewax: expected 0\.21\.1, found 0\.20"):
        recovery_config(tmp_path / "store", counts())


def test_a_folder_with_other_things_is_left_alone(tmp_path):
    """Nothing of the learner's is taken for a store, or written over."""
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(RecoveryError, match="expected an empty folder"):
        recovery_config(tmp_path, counts())
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_store_that_was_interrupted_in_the_making_is_made_again(tmp_path, monkeypatch):
    """There is all of it or nothing, so that the next run needs no help."""
    monkeypatch.setattr(recovery, "init_db_dir", lambda folder, count: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        recovery_config(tmp_path / "store", counts())
    assert not (tmp_path / "store").exists()
    monkeypatch.undo()
    recovery_config(tmp_path / "store", counts())
    recovery_config(tmp_path / "store", counts())
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


@pytest.mark.parametrize("file", ["flow.json", "part-0.sqlite3"])
@pytest.mark.parametrize("content", [None, b"", b"[]", b"{}", b"\xff", b"x" * 5_000])
def test_a_damaged_store_is_one_error(tmp_path, file, content):
    """It says what is damaged and what to do; nothing is taken for an empty state."""
    recovery_config(tmp_path / "store", counts())
    path = tmp_path / "store" / file
    path.unlink()
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(RecoveryError) as caught:
        recovery_config(tmp_path / "store", counts())
    assert caught.value.remedy
    assert file == "flow.json" or "damaged" in str(caught.value)


def filled(folder: Path) -> Path:
    """Return a file that takes all the space of a disk."""
    path = folder / "filled"
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(1024))
    return path


@needs_mount
def test_a_store_that_finds_no_space_can_be_made_later(tmp_path):
    """It is said what to do, and nothing of it is left, whoever makes it."""
    with small_disk(tmp_path, 300):
        rest = filled(tmp_path)
        for make in (lambda store: recovery_config(store, counts()), prepare_store):
            with pytest.raises(StorageError, match=r"'store' of a flow is full.*Free some space"):
                make(tmp_path / "store")
        forget(tmp_path / "store")
        assert [*tmp_path.iterdir()] == [rest]
        rest.unlink()
        recovery_config(tmp_path / "store", counts())


def keeping(number: int) -> Dataflow:
    """Return a flow that keeps the last of so many numbers by each key."""
    flow = Dataflow("keeping")
    source = TestingSource([(str(one), "x" * 1000) for one in range(number)])
    pairs = op.key_on("key", op.input("in", flow, source), lambda pair: pair[0])
    kept = op.stateful_map("keep", pairs, lambda _, pair: (pair, pair))
    op.output("out", kept, TestingSink([]))
    return flow


@needs_mount
@pytest.mark.parametrize("where", ["thread", "process"])
def test_a_flow_that_finds_no_space_is_no_damage(tmp_path, where):
    """It ends with what to do; its store is sound, and the next run goes on."""
    with small_disk(tmp_path, 3_000):
        most = tmp_path / "most"
        most.write_bytes(bytes(2_400_000))
        store = tmp_path / "store"
        options = {"where": where, "recovery": store, "epoch": timedelta(0)}
        with pytest.raises(StorageError, match=r"'store' of a flow is full.*Free some space"):
            run(keeping(1_000), **options).wait(60)
        rest = filled(tmp_path)
        with pytest.raises(StorageError, match=r"'store' of a flow is full.*Free some space"):
            run(keeping(1_000), **options).wait(60)
        rest.unlink()
        most.unlink()
        assert run(keeping(5), **options).wait(60)


def test_a_store_can_be_forgotten(tmp_path):
    """Then another flow may have the folder."""
    recovery_config(tmp_path / "store", counts())
    forget(tmp_path / "store")
    forget(tmp_path / "store")
    recovery_config(tmp_path / "store", counts("others"))


def process(one: Topic, two: Topic, store: Path) -> None:
    """Count orders for ever, in a process of its own that is going to be killed."""
    flow = counting(one, two)
    run_main(flow, epoch_interval=timedelta(0), recovery_config=recovery_config(store, flow))


@pytest.mark.broker
@pytest.mark.parametrize("kills", [12, pytest.param(50, marks=pytest.mark.long)])
def test_killed_at_random_points_it_counts_each_order_once(new_topic, tmp_path, kills):
    """Deduplicated by the order's id, the output is what the sender's own count says.

    What the last epoch had written before the kill is there twice, with the same number: the
    counts go on from where that epoch began.
    """
    orders = list(islice(Shop(seed=9).orders(), 3_000))
    one, two, random = new_topic(3), new_topic(), Random(9)
    produce(one, orders)
    expected = numbered(orders)
    goals = sorted(random.randrange(len(orders)) for _ in range(kills))
    starting = get_context("forkserver")
    starting.set_forkserver_preload([__name__])
    for goal in goals:
        processor = starting.Process(target=process, args=[one, two, tmp_path / "store"])
        processor.start()
        until(lambda: two.end_offsets()[0] >= goal or not processor.is_alive())  # noqa: B023
        assert processor.is_alive()
        os.kill(processor.pid, signal.SIGKILL)
        processor.join(10)
        assert processor.exitcode == -signal.SIGKILL
    flow = counting(one, two, bounded=True)
    assert run(flow, recovery=tmp_path / "store").wait(60)
    found = read(two).events
    assert len(found) > len(orders)  # it was written twice, here and there
    once = found.drop_duplicates(["id", "number"])
    assert dict(zip(once["id"], once["number"], strict=True)) == expected
    assert len(once) == len(orders)
