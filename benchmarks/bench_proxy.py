"""What a call through the proxy of faults costs, without any faults, as a ratio to a direct one.

python -m benchmarks.bench_proxy

An HTTP service in a process of its own (starlette and uvicorn on uvloop) takes an order and answers
with a small JSON document. A client that keeps its connections (aiohttp on uvloop) calls it, direct
and through a link, in turns, and the table shows medians of the rounds: one call after the other,
and twenty at once. The last line is what the proxy's process needs of memory.
"""

import asyncio
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable
from statistics import median
from time import perf_counter

import aiohttp
import psutil
import uvloop

from eventlab.services import Proxy

CALLS, AT_ONCE, ROUNDS = 1_000, 20, 15

SERVICE = """
import socket, sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

async def orders(request):
    order = await request.json()
    return JSONResponse({"order_id": order["order_id"], "accepted": True})

app = Starlette(routes=[Route("/orders", orders, methods=["POST"])])
listener = socket.socket(fileno=int(sys.argv[1]))
config = uvicorn.Config(app, loop="uvloop", http="httptools", log_level="critical", lifespan="off")
uvicorn.Server(config).run(sockets=[listener])
"""
ORDER = {"order_id": "o-1", "customer_id": "ann", "product_id": "lamp", "quantity": 2}

Way = Callable[[aiohttp.ClientSession, str], Awaitable[object]]


def main() -> None:
    """Print a table: way, microseconds a call direct and through the proxy, their ratio."""
    with socket.create_server(("127.0.0.1", 0)) as listener, Proxy() as proxy:
        port = listener.getsockname()[1]
        descriptor = listener.fileno()
        command = [sys.executable, "-c", SERVICE, str(descriptor)]
        service = subprocess.Popen(command, pass_fds=[descriptor])
        try:
            link = proxy.link("service", port)
            taken = uvloop.run(measured(f"http://127.0.0.1:{port}", link.url))
        finally:
            service.kill()
            service.wait()
        print("| calls | direct, us | through the proxy, us | ratio |")
        print("|---|--:|--:|--:|")
        for name, rounds in taken.items():
            direct, through = (median(one[side] for one in rounds) for side in (0, 1))
            ratio = median(through / direct for direct, through in rounds)
            print(f"| {name} | {direct:.0f} | {through:.0f} | {ratio:.2f} |")
        memory = psutil.Process(proxy.pid).memory_full_info().uss / 1e6
        print(f"\nThe proxy's process: {memory:.1f} MB of its own")


async def measured(direct: str, through: str) -> dict[str, list[tuple[float, float]]]:
    """Return for each way of calling the microseconds of a call in each round, both ways."""
    ways: dict[str, Way] = {"one after the other": in_turn, f"{AT_ONCE} at once": at_once}
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    async with aiohttp.ClientSession() as session:
        for way in ways.values():  # so that all is warm
            await way(session, direct)
            await way(session, through)
        for number in range(ROUNDS):
            for name, way in ways.items():
                # Whoever goes first pays for what was before, so they change places.
                urls = (direct, through) if number % 2 else (through, direct)
                took = {url: await microseconds(way, session, url) for url in urls}
                taken[name].append((took[direct], took[through]))
    return taken


async def microseconds(way: Way, session: aiohttp.ClientSession, url: str) -> float:
    """Return the microseconds of a call."""
    begun = perf_counter()
    await way(session, url)
    return (perf_counter() - begun) / CALLS * 1e6


async def in_turn(session: aiohttp.ClientSession, url: str, calls: int = CALLS) -> None:
    """Call, one after the other."""
    for _ in range(calls):
        async with session.post(url + "/orders", json=ORDER) as answer:
            if answer.status != 200:
                raise RuntimeError(answer.status)
            await answer.json()


async def at_once(session: aiohttp.ClientSession, url: str) -> None:
    """Call, several at a time."""
    await asyncio.gather(*(in_turn(session, url, CALLS // AT_ONCE) for _ in range(AT_ONCE)))


if __name__ == "__main__":
    main()
