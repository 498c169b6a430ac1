"""How long a slider waits for its answer while a heavy flow runs beside it.

python -m benchmarks.bench_kernel

A real kernel runs a flow that never ends: it makes numbers, keys them and counts them, as fast as
it can. Meanwhile a client does what the page does when a slider is moved: it sends the slider's new
value over its comm, an observer answers, and the answer comes back as the state of a label. Five
moves a second, so that none waits for the one before.
"""

import time
from queue import Empty
from statistics import median, quantiles

from jupyter_client.manager import start_new_kernel

MOVES, MOVES_PER_SECOND = 60, 5
SLIDER = """
import ipywidgets
slider, label = ipywidgets.IntSlider(max=10**6), ipywidgets.Label()
slider.observe(lambda change: setattr(label, "value", str(change["new"])), "value")
print(slider.comm.comm_id)
"""
FLOW = """
import bytewax.operators as op
from itertools import count
from bytewax.dataflow import Dataflow
from bytewax.testing import TestingSink, TestingSource
from eventlab.flows import run

class Nothing(list):
    def append(self, item): pass
    def extend(self, items): pass
    def __iadd__(self, items): return self

flow = Dataflow("heavy")
numbers = op.input("in", flow, TestingSource(count(), batch_size=1000))
keyed = op.key_on("key", numbers, lambda number: str(number % 100))
counted = op.stateful_map("count", keyed, lambda state, _: ((state or 0) + 1,) * 2)
op.output("out", counted, TestingSink(Nothing()))
running = run(flow, where={where!r})
running.until(1000)
"""


def main() -> None:
    """Print a table: what runs beside it, median and 95th percentile of the round trip."""
    print("| beside the slider | median, ms | 95 %, ms | events a second |")
    print("|---|--:|--:|--:|")
    for name, where in {
        "nothing": None,
        "a flow in a thread": "thread",
        "a process": "process",
    }.items():
        trips, rate = round_trips(where)
        middle, most = median(trips), quantiles(trips, n=20)[-1]
        print(f"| {name} | {middle:.0f} | {most:.0f} | {rate} |", flush=True)


def round_trips(where: str | None) -> tuple[list[float], str]:
    """Return milliseconds of each move, and how fast the flow was."""
    manager, client = start_new_kernel()
    try:
        comm = _printed(client, SLIDER).strip()
        if where:
            _printed(client, FLOW.format(where=where))
        trips = [_moved(client, comm, value) for value in range(1, MOVES + 1)]
        rate = _printed(client, "print(f'{running.rate:,.0f}'); running.stop()") if where else ""
        return trips, rate.strip()
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def _moved(client, comm: str, value: int) -> float:
    content = {
        "comm_id": comm,
        "data": {"method": "update", "state": {"value": value}, "buffer_paths": []},
    }
    start = time.perf_counter()
    client.shell_channel.send(client.session.msg("comm_msg", content))
    while True:
        message = client.get_iopub_msg(timeout=30)
        data = message["content"].get("data", {})
        if message["msg_type"] == "comm_msg" and data.get("state", {}).get("value") == str(value):
            took = time.perf_counter() - start
            time.sleep(max(0, 1 / MOVES_PER_SECOND - took))
            return took * 1000


def _printed(client, source: str) -> str:
    said: list[str] = []

    def hear(message: dict) -> None:
        if message["msg_type"] == "stream":
            said.append(message["content"]["text"])

    reply = client.execute_interactive(source, output_hook=hear, timeout=60)
    if reply["content"]["status"] != "ok":
        raise RuntimeError(f"the kernel did not do it: {reply['content']}")
    try:
        while True:
            client.get_iopub_msg(timeout=0.1)
    except Empty:
        return "".join(said)


if __name__ == "__main__":
    main()
