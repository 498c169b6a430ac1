"""How fast events are made, each way as a ratio to encoding the same events alone.

python -m benchmarks.bench_events

All ways are measured in turn, several rounds in one process, in seconds of its own CPU; the table
shows medians. The generator on the last lines is the obvious one: it draws each field of each order
with `random.choice`, and has no payments, stock or days to keep track of.
"""

import random
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from itertools import islice
from statistics import median
from time import process_time

from eventlab.events import (
    COUNTRIES,
    Event,
    Order,
    Shop,
    deliveries,
    duplicated,
    encode,
    late,
    lost,
    malformed,
    out_of_order,
)
from eventlab.events.shop import MONDAY_MORNING

EVENTS, ROUNDS = 50_000, 5
CUSTOMERS = [f"c{number:04d}" for number in range(500)]
PRODUCTS = [f"p{number:03d}" for number in range(60)]


def main() -> None:
    rates = {name: EVENTS / seconds for name, seconds in measured(ways()).items()}
    alone = rates["encode alone"]
    print(f"{'way':<24}{'events a second':>18}{'of encode alone':>18}")
    for name, rate in rates.items():
        print(f"{name:<24}{rate:>18,.0f}{rate / alone:>18.2f}")
    print(f"the shop, encoded, to the obvious generator, encoded: {against_the_obvious(rates):.2f}")


def against_the_obvious(rates: dict[str, float]) -> float:
    return rates["shop, encoded"] / rates["obvious, encoded"]


def ways() -> dict[str, Callable[[], None]]:
    shop = Shop(seed=1)
    story = list(islice(shop, EVENTS))
    faults = (late, out_of_order, duplicated, lost, malformed)
    return {
        "encode alone": lambda: encode_all(story),
        "shop": lambda: read_all(islice(shop, EVENTS)),
        "shop, encoded": lambda: encode_all(islice(shop, EVENTS)),
        "shop's orders, encoded": lambda: encode_all(islice(shop.orders(), EVENTS)),
        "deliveries": lambda: read_all(deliveries(story)),
        **{fault.__name__: lambda f=fault: read_all(f(story, seed=1)) for fault in faults},
        "obvious": lambda: read_all(islice(obvious(), EVENTS)),
        "obvious, encoded": lambda: encode_all(islice(obvious(), EVENTS)),
    }


def measured(ways: dict[str, Callable[[], None]]) -> dict[str, float]:
    rounds = [{name: cpu_seconds(way) for name, way in ways.items()} for _ in range(ROUNDS)]
    return {name: median(one[name] for one in rounds) for name in ways}


def cpu_seconds(way: Callable[[], None]) -> float:
    start = process_time()
    way()
    return process_time() - start


def encode_all(events: Iterable[Event]) -> None:
    for event in events:
        encode(event)


def read_all(events: Iterable[object]) -> None:
    for _ in events:
        pass


def obvious() -> Iterator[Order]:
    at = MONDAY_MORNING
    while True:
        at += timedelta(seconds=random.expovariate(1))
        quantity, price = random.randint(1, 5), random.randint(100, 20_000)
        yield Order(
            str(uuid.uuid4()),
            at,
            random.choice(CUSTOMERS),
            str(uuid.uuid4()),
            random.choice(PRODUCTS),
            quantity,
            price,
            quantity * price,
            random.choice(COUNTRIES),
        )


if __name__ == "__main__":
    main()
