"""The same two services on this machine, by one command: a Kafka, the front end, and shipping.

    python examples/shop.py

It ends with Ctrl-C; with `--orders 20` it places as many orders, waits until all are shipped, and
ends by itself.
"""

import argparse
import os
import time
from itertools import islice

from eventlab import Lab
from eventlab.events import Shop


def main():
    """Start the shop, and keep it open."""
    words = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    words.add_argument("--orders", type=int, default=0, help="place so many orders, and end")
    number = words.parse_args().orders
    with Lab("shop") as lab:
        orders = lab.new_topic("orders", partitions=3)
        shipped = lab.new_topic("shipped", partitions=3)
        os.environ |= {"KAFKA": lab.kafka["bootstrap.servers"], "ORDERS": orders.name}
        import front
        import shipping

        service = lab.serve("front end", front.app, where="thread")
        lab.subscribe("shipping", shipping.ship, to=orders, into=shipped, key="customer_id")
        print(f"Orders are taken at {service.url}/orders", flush=True)
        if number:
            place(service, number)
            await_shipped(lab, number)
        else:
            wait_for_the_end()


def place(service, number):
    """Send orders of a shop's story, one after the other."""
    for order in islice(Shop(seed=7).orders(), number):
        service.ask("/orders", json=order)


def await_shipped(lab, number):
    """Return when all have left."""
    while (gone := len(lab.read("shipped"))) < number:
        time.sleep(0.1)
    print(f"{gone} orders were shipped")


def wait_for_the_end():
    """Return at Ctrl-C."""
    try:
        while True:
            time.sleep(1)
    except KeyboardInterrupt:
        print("The shop is closed")


if __name__ == "__main__":
    main()
