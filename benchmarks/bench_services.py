"""Services: up to the first answer, ten of them, and events a second beside plain clients.

python -m benchmarks.bench_services

Each service is forked from a template that runs already, as from the second service of a lab on;
"first of a lab" starts the template too. The ten have a producer each, and have answered once; what
is acknowledged would take half a second more, which is how long an idempotent producer waits for
its id. Their memory is PSS, the template's included. Throughput is that of
one event-driven service that answers each event with another one, at least once, in batches of
100: the events are in the log before it starts, and what counts is the time from the first answer's
timestamp to the last one's. The kinds take turns, and of each the best turn counts. They do it once
without any work, where all that one sees is the clients, and once with 50 microseconds of it.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from statistics import median

import psutil
from confluent_kafka import Consumer, TopicPartition

from benchmarks.plain_service import Job, ship, ship_with_work
from eventlab.broker import join
from eventlab.log import Cluster, Topic, produce
from eventlab.processes.child import spawn
from eventlab.services import HttpService, Mesh, Service, publish
from eventlab.services.machinery import Machinery

Answer = Callable[[dict[str, object]], dict[str, object]]

TIMES, SERVICES, EVENTS, ROUNDS = 10, 10, 50_000, 3
GOAL_SECONDS, GOAL_TEN_SECONDS, GOAL_MEGABYTES, GOAL_RATIO = 0.3, 1.5, 160, 0.8


async def answering(request: object) -> dict[str, bool]:
    """Answer, and have a client of the log from then on."""
    await publish("written", {"a": 1}, acknowledged=False)
    return {"answered": True}


def main() -> None:
    with join("bench_services") as broker, ExitStack() as closing:
        cluster = Cluster(broker.client_settings)
        machinery = Machinery(broker)
        closing.callback(machinery.close)
        mesh = Mesh(cluster, "bench.services.", machinery)
        closing.callback(mesh.close)
        for name in ("written", "orders"):
            closing.callback(Topic(cluster, f"bench.services.{name}").reset().delete)
        print("| | found | goal |\n|---|--:|--:|")
        rows_of_starts(mesh)
        for traced in (False, True):
            rows_of_ten(mesh, machinery, traced=traced)
        orders = Topic(cluster, "bench.services.orders")
        produce(orders, [{"order_id": f"o-{number}", "cents": number} for number in range(EVENTS)])
        for answer in (ship, ship_with_work):
            rows_of_throughput(mesh, cluster, orders, answer)


def rows_of_starts(mesh: Mesh) -> None:
    print(f"| first of a lab, up to its answer | {answered(mesh, 'first'):.2f} s | |")
    for traced in (False, True):
        seconds = median(answered(mesh, f"one-{n}", traced=traced) for n in range(TIMES))
        words = "traced service" if traced else "service"
        print(f"| {words}, up to its answer | {seconds:.3f} s | {GOAL_SECONDS} s |")


def answered(mesh: Mesh, name: str, *, traced: bool = False) -> float:
    begun = time.perf_counter()
    service = mesh.serve(name, lambda request: {}, traced=traced)
    service.ask()
    seconds = time.perf_counter() - begun
    service.stop()
    return seconds


def rows_of_ten(mesh: Mesh, machinery: Machinery, *, traced: bool) -> None:
    words = "ten, traced" if traced else "ten"
    begun = time.perf_counter()
    services: list[HttpService] = []
    for number in range(SERVICES):
        services.append(mesh.serve(f"ten-{number}", answering, traced=traced))
        services[-1].ask()
    seconds = time.perf_counter() - begun
    template = machinery.forking._template
    pids = [one.pid for one in services] + [template.pid if template else None]
    megabytes = sum(psutil.Process(pid).memory_full_info().pss for pid in pids if pid) / 1e6
    print(f"| {words}, up to the answer of each | {seconds:.2f} s | {GOAL_TEN_SECONDS} s |")
    print(f"| {words}, their memory | {megabytes:.0f} MB | {GOAL_MEGABYTES} MB |")
    for one in services:
        one.stop()


def rows_of_throughput(mesh: Mesh, cluster: Cluster, orders: Topic, answer: Answer) -> None:
    work = "50 µs of work" if answer is ship_with_work else "no work"
    kinds: dict[str, Callable[[str, Topic], None]] = {
        "plain clients": lambda name, out: plain(cluster, name, orders, out, answer),
        "service": lambda name, out: subscribed(mesh, name, orders, out, answer, traced=False),
        "traced service": lambda name, out: subscribed(
            mesh, name, orders, out, answer, traced=True
        ),
    }
    rates: dict[str, list[float]] = {kind: [] for kind in kinds}
    for number in range(ROUNDS):
        for kind, run in kinds.items():
            name = f"{kind.replace(' ', '-')}-{answer.__name__}-{number}"
            out = Topic(cluster, f"bench.services.out.{name}").reset()
            run(name, out)
            rates[kind].append(rate(out))
            out.delete()
    best = {kind: max(found) for kind, found in rates.items()}
    for kind, found in best.items():
        ratio = found / best["plain clients"]
        is_to_be = kind != "plain clients" and answer is ship_with_work
        goal = f"{GOAL_RATIO} of plain" if is_to_be else ""
        print(f"| {kind}, {work}, events a second | {found:,.0f}: {ratio:.2f} of plain | {goal} |")


def plain(cluster: Cluster, name: str, orders: Topic, out: Topic, answer: Answer) -> None:
    child = spawn("benchmarks.plain_service")
    group = f"bench.services.{name}"
    child.send(Job(dict(cluster.settings), group, orders.name, out.name, EVENTS, answer))
    child.receive()
    child.end()


def subscribed(
    mesh: Mesh, name: str, orders: Topic, out: Topic, answer: Answer, *, traced: bool
) -> None:
    service = mesh.subscribe(name, answer, to=orders, into=out, key="order_id", traced=traced)
    require_all(service, out)
    service.stop()


def require_all(service: Service, out: Topic) -> None:
    while sum(out.end_offsets().values()) < EVENTS:
        if not service.is_alive:
            raise RuntimeError(f"{service}: {service.error}")
        time.sleep(0.2)


def rate(out: Topic) -> float:
    """Return how many answers were written a second, by their own timestamps."""
    consumer = Consumer(out.cluster.settings | {"group.id": "bench.services.rate"})
    moments = []
    for offset in (0, EVENTS - 1):
        consumer.assign([TopicPartition(out.name, 0, offset)])
        message = consumer.poll(30)
        assert message is not None
        moments.append(message.timestamp()[1])
    consumer.close()
    return EVENTS / (moments[1] - moments[0]) * 1000


if __name__ == "__main__":
    main()
