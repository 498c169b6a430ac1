"""How well the load generator keeps to its own plan, beside a closed loop of the same requests.

python -m benchmarks.bench_load

The service is starlette under uvicorn, in a process of its own, on the same two cores; it answers
at once. The rate kept is that of the sending; lateness is by how much the generator itself missed
its planned moments, beside that of a loop which only waits for moments, just before: so much of it
is the machine's. The closed loop sends the next request when it has the last one's answer, so
that a stall of the service, here of 300 ms in the middle, is seen by one request of it, and in the
open model by all that would have come meanwhile.
"""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import aiohttp
import numpy
import psutil
import uvloop

from eventlab.processes.child import Child, spawn
from eventlab.services import Load, LoadReport
from eventlab.services.load_worker import poisson_plan

RATES, SECONDS = (200, 500, 1000, 1500), 10


def main() -> None:
    with service() as (child, url):
        print(kept_table(url))
        print()
        print(stall_table(child, url))


@contextmanager
def service() -> Iterator[tuple[Child, str]]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1000)
        child = spawn("benchmarks.load_service", descriptors=[listening.fileno()])
        child.send(listening.fileno())
        port = listening.getsockname()[1]
    child.receive()
    try:
        yield child, f"http://127.0.0.1:{port}/order"
    finally:
        child.end()


def kept_table(url: str) -> str:
    lines = [
        "| planned/s | kept/s | lateness p50, ms | p99, ms | p99 of a loop that only waits, ms "
        "| latency p50, ms | p99, ms "
        "| CPU us a request | kept up |",
        "|--:|--:|--:|--:|--:|--:|--:|--:|---|",
    ]
    run(url, RATES[0], 2)  # so that the service is warm
    for rate in RATES:
        waiting_ms = uvloop.run(only_waiting(rate, SECONDS / 2))
        report, cpu_us = run(url, rate, SECONDS)
        late = report.lateness_percentiles(50, 99)
        latency = report.percentiles(50, 99)
        lines.append(
            f"| {len(report) / SECONDS:,.0f} | {report.rate_per_second:,.0f} | {late[50]:.2f} "
            f"| {late[99]:.2f} | {waiting_ms:.2f} | {latency[50]:.2f} | {latency[99]:.2f} "
            f"| {cpu_us:.0f} | {'yes' if late[99] <= 10 else 'no'} |"
        )
    return "\n".join(lines)


async def only_waiting(rate: float, seconds: float) -> float:
    """Return the lateness in milliseconds, at its 99th percentile, of waking up at moments."""
    begin = time.perf_counter()
    late_ms = []
    for moment in poisson_plan(rate, seconds, seed=1).tolist():
        while (left := begin + moment - time.perf_counter()) > 0:
            await asyncio.sleep(left)
        late_ms.append((time.perf_counter() - begin - moment) * 1000)
    return float(numpy.percentile(late_ms, 99))


def run(url: str, rate: float, seconds: float) -> tuple[LoadReport, float]:
    """Return the report of a load, and the CPU that its process took for a request."""
    load = Load(url, rate_per_second=rate, seconds=seconds)
    used = 0.0
    with load:
        process = psutil.Process(load.pid)
        while load.is_alive:
            with suppress(psutil.Error):
                used = sum(process.cpu_times()[:2])
            load.wait(0.05)
    return load.report, used / max(1, load.planned) * 1e6


def stall_table(child: Child, url: str) -> str:
    """Return what each model sees of the same stall of the service."""
    with stalled(child):
        report = Load(url, rate_per_second=500, seconds=4).start().wait()
    with stalled(child):
        closed_ms = asyncio.run(closed_loop(url, 4))
    open_ms = report.percentiles(50, 99)
    return "\n".join(
        [
            "| model, with a stall of 300 ms | requests | p50, ms | p99, ms |",
            "|---|--:|--:|--:|",
            f"| open | {len(report):,} | {open_ms[50]:.1f} | {open_ms[99]:.1f} |",
            f"| closed loop | {len(closed_ms):,} | {numpy.percentile(closed_ms, 50):.1f} "
            f"| {numpy.percentile(closed_ms, 99):.1f} |",
        ]
    )


@contextmanager
def stalled(child: Child) -> Iterator[None]:
    """Hold the service up once, in the middle of what follows."""
    timer = threading.Timer(3, child.command, [b"s"])
    timer.start()
    yield
    timer.join()


async def closed_loop(url: str, seconds: float) -> list[float]:
    """Return the latencies in milliseconds of requests one after the other."""
    found = []
    async with aiohttp.ClientSession() as session:
        end = time.perf_counter() + seconds
        while (begun := time.perf_counter()) < end:
            async with session.get(url) as answer:
                await answer.read()
            found.append((time.perf_counter() - begun) * 1000)
    return found


if __name__ == "__main__":
    main()
