"""How long a flow takes to go on after a crash, with more and more keys of state.

python -m benchmarks.bench_recovery

A flow counts events by key and keeps its counts in a recovery store. When every key has been seen
it is stopped; then one more event comes, and the flow is started again. The time runs from the
start until that event's count is in the output topic. Beside it a flow that has no store and folds
everything anew. Medians of several rounds; bytewax's per-key state is the learner's `stateful_map`,
ours is `windowed`, which keeps all keys in one step.
"""

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

import bytewax.operators as op
from bytewax.dataflow import Dataflow

from eventlab.broker import join
from eventlab.flows import run
from eventlab.log import Cluster, Record, Topic, produce
from eventlab.streams import Fold, TopicSink, TopicSource, Tumbling, windowed
from tests.waiting import until

KEYS, ROUNDS = (1_000, 10_000, 100_000), 3
NOW = 1_741_003_200_000
YEAR = Tumbling(timedelta(days=365))


def main() -> None:
    """Print a table: operator, keys, seconds to go on, seconds to fold anew, store."""
    print("| operator | keys | s to go on | s to fold anew | store, MB |")
    print("|---|--:|--:|--:|--:|")
    with join("bench_recovery") as broker:
        cluster = Cluster(broker.client_settings)
        for operator, build in {"stateful_map": by_key, "windowed": in_windows}.items():
            for keys in KEYS:
                rounds = [resumed(cluster, build, keys) for _ in range(ROUNDS)]
                went_on, anew, store = map(median, zip(*rounds, strict=True))
                print(f"| {operator} | {keys:,} | {went_on:.2f} | {anew:.2f} | {store / 1e6:.1f} |")


def resumed(cluster: Cluster, build: Callable, keys: int) -> tuple[float, float, int]:
    """Return seconds to go on, seconds to fold anew, and the bytes of the store."""
    one, two = (Topic(cluster, f"bench.recovery.{name}").reset() for name in ("in", "out"))
    produce(one, (Record(f"k{n}", b"1", NOW) for n in range(keys)))
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder) / "store"
        # bytewax lets a second go by between epochs; what is stopped at the end of one is kept.
        first = run(build(one, two, bounded=True), recovery=store)
        first.wait()
        produce(one, [Record("k0", b"1", NOW)])
        size = sum(path.stat().st_size for path in store.iterdir())
        return until_told(build, one, two, store), until_told(build, one, two, None), size


def until_told(build: Callable, one: Topic, two: Topic, store: Path | None) -> float:
    """Return the seconds until a flow has written all that it has to."""
    before, fresh = two.end_offsets()[0], 1 if store else one.end_offsets()[0]
    start = perf_counter()
    flow = run(build(one, two), recovery=store)
    until(lambda: two.end_offsets()[0] >= before + fresh, seconds=120)
    took = perf_counter() - start
    flow.stop()
    return took


def by_key(one: Topic, two: Topic, **options) -> Dataflow:
    flow = Dataflow("recovery")
    keyed = op.key_on("key", op.input("in", flow, TopicSource(one, **options)), lambda one: one.key)
    counted = op.stateful_map("count", keyed, lambda number, _: ((number or 0) + 1,) * 2)
    op.output("out", counted, TopicSink(two))
    return flow


def in_windows(one: Topic, two: Topic, **options) -> Dataflow:
    flow = Dataflow("recovery")
    keyed = op.key_on("key", op.input("in", flow, TopicSource(one, **options)), lambda one: one.key)
    counted = windowed("count", keyed, YEAR, Fold(int, lambda number, _: number + 1))
    op.output("out", counted.windows, TopicSink(two))
    return flow


if __name__ == "__main__":
    main()
