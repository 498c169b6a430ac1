"""How CPU and memory grow with the number of events, from 100,000 to five million.

python -m benchmarks.bench_growth

Each size runs in a process of its own. "topic to topic" decodes JSON from a topic and writes it to
another; "windows" counts events by minute and 100 keys. CPU is that of the process, less that of
the same flow without events; memory is its peak. Ten times the events should cost no more than
ten times the CPU, and no more memory.
"""

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain, cycle, islice, repeat

import bytewax.operators as op
from bytewax.dataflow import Dataflow
from bytewax.inputs import DynamicSource, StatelessSourcePartition
from bytewax.outputs import DynamicSink, StatelessSinkPartition

from eventlab.broker import join
from eventlab.events import Shop, encode
from eventlab.flows import run
from eventlab.log import Cluster, Record, Topic, produce
from eventlab.streams import Arrival, Fold, TopicSink, TopicSource, Tumbling, windowed

SIZES = (100_000, 1_000_000, 5_000_000)
START = 1_741_003_200_000


def main() -> None:
    """Print a table: flow, events, CPU seconds, CPU to a tenth of the events, peak memory."""
    print("| flow | events | CPU s | times that of the line above | peak memory, MB |")
    print("|---|--:|--:|--:|--:|")
    with join("bench_growth") as broker:
        cluster = Cluster(broker.client_settings)
        for kind in ("topic to topic", "windows"):
            nothing, before = measured(kind, 0, cluster), None
            for size in SIZES:
                cpu, memory = measured(kind, size, cluster)
                cpu -= nothing[0]
                times = f"{cpu / before:.1f}" if before else ""
                print(f"| {kind} | {size:,} | {cpu:.2f} | {times} | {memory:.0f} |", flush=True)
                before = cpu


def measured(kind: str, size: int, cluster: Cluster) -> tuple[float, float]:
    """Return CPU seconds and peak megabytes of a process that does it."""
    names = ["bench.growth.in", "bench.growth.out"]
    if kind == "topic to topic":
        one, _two = (Topic(cluster, name).reset(3) for name in names)
        values = [encode(order) for order in islice(Shop(seed=1).orders(), 10_000)]
        produce(one, (Record(None, value) for value in islice(cycle(values), size)))
    task = {"kind": kind, "size": size, "settings": cluster.settings}
    command = [sys.executable, "-m", "benchmarks.bench_growth", json.dumps(task)]
    answer = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    return tuple(json.loads(answer.stdout.splitlines()[-1]))


def work(task: dict) -> None:
    """Do one task in this process, and print what it took."""
    flow = Dataflow("growth")
    if task["kind"] == "topic to topic":
        cluster = Cluster(task["settings"])
        one, two = Topic(cluster, "bench.growth.in"), Topic(cluster, "bench.growth.out")
        op.output("out", op.input("in", flow, TopicSource(one, bounded=True)), TopicSink(two))
    else:
        arrivals = op.input("in", flow, Numbers(task["size"]))
        keyed = op.key_on("key", arrivals, lambda arrival: arrival.key)
        count = Fold(int, lambda number, _arrival: number + 1)
        minutes = Tumbling(timedelta(minutes=1))
        made = windowed("count", keyed, minutes, count, emit="final", partitions=[("t", 0)])
        op.output("out", made.windows, Nowhere())
    run(flow).wait()
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))


class Numbers(DynamicSource):
    """Make arrivals of 100 keys, ten milliseconds apart, a thousand at a time."""

    def __init__(self, size: int):
        self._size = size

    def build(self, step_id: str, worker_index: int, worker_count: int) -> "_Numbers":
        return _Numbers(self._size)


class _Numbers(StatelessSourcePartition):
    def __init__(self, size: int):
        self._arrivals = self._made(size)

    def next_batch(self) -> list[Arrival]:
        batch = list(islice(self._arrivals, 1_000))
        if not batch:
            raise StopIteration
        return batch

    @staticmethod
    def _made(size: int) -> Iterator[Arrival]:
        keys = chain.from_iterable(repeat([f"k{n}" for n in range(100)]))
        for number, key in zip(range(size), keys, strict=False):
            at = START + 10 * number
            yield Arrival(None, key, "t", 0, number, at, at)


class Nowhere(DynamicSink):
    """Take everything and keep nothing."""

    def build(self, step_id: str, worker_index: int, worker_count: int) -> "_Nowhere":
        return _Nowhere()


class _Nowhere(StatelessSinkPartition):
    def write_batch(self, items: list) -> None:
        pass


if __name__ == "__main__":
    if len(sys.argv) > 1:
        work(json.loads(sys.argv[1]))
    else:
        main()
