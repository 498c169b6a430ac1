"""How the CPU and the memory of SQL statements grow, from one million events to five.

python -m benchmarks.bench_sql_growth

Each size runs in a process of its own, from topic to topic. CPU is that of the process, less that
of the same flow without events; memory is its peak. The orders are a tenth of a second apart, so
windows of an hour come and go.
"""

import json
import resource
import subprocess
import sys
from itertools import cycle, islice

from benchmarks.bench_sql import COUNT, FILTER, START, encode, orders
from benchmarks.bench_sql_topics import sql_flow
from eventlab.broker import join
from eventlab.log import Cluster, Record, Topic, produce

SIZES = (1_000_000, 5_000_000)
STATEMENTS = {"SELECT … WHERE": FILTER, "COUNT in windows": COUNT}
GIVEN, MADE = "bench.sql.growth.in", "bench.sql.growth.out"


def main() -> None:
    """Print a table: statement, events, CPU in all and by event, peak memory."""
    print("| statement | events | CPU s | CPU us an event | peak memory, MB |")
    print("|---|--:|--:|--:|--:|")
    with join("bench_sql_growth") as broker:
        cluster = Cluster(broker.client_settings)
        nothing = {name: measured(name, 0, cluster) for name in STATEMENTS}
        for size in SIZES:
            fill(Topic(cluster, GIVEN).reset(), size)
            for name in STATEMENTS:
                cpu, memory = measured(name, size, cluster)
                cpu -= nothing[name][0]
                by_event = cpu / size * 1e6
                print(
                    f"| {name} | {size:,} | {cpu:.1f} | {by_event:.2f} | {memory:.0f} |", flush=True
                )
        for topic in (GIVEN, MADE):
            Topic(cluster, topic).delete()


def fill(topic: Topic, size: int) -> None:
    """Write so many orders, ten a second."""
    values = [encode(order) for order in islice(orders(), 10_000)]
    times = range(START, START + 100 * size, 100)
    each = zip(islice(cycle(values), size), times, strict=True)
    produce(topic, (Record(None, value, time) for value, time in each)).require_all()


def measured(name: str, size: int, cluster: Cluster) -> tuple[float, float]:
    """Return CPU seconds and peak megabytes of a process that does it."""
    if not size:
        Topic(cluster, GIVEN).reset()
    Topic(cluster, MADE).reset()
    task = {"name": name, "settings": cluster.settings}
    command = [sys.executable, "-m", "benchmarks.bench_sql_growth", json.dumps(task)]
    answer = subprocess.run(command, capture_output=True, encoding="utf-8", check=True)
    cpu, memory = json.loads(answer.stdout.splitlines()[-1])
    return cpu, memory


def work(task: dict) -> None:
    """Do one task in this process, and print what it took."""
    cluster = Cluster(task["settings"])
    sql_flow(STATEMENTS[task["name"]], Topic(cluster, GIVEN), Topic(cluster, MADE))
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(json.dumps([used.ru_utime + used.ru_stime, used.ru_maxrss / 1024]))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        work(json.loads(sys.argv[1]))
    else:
        main()
