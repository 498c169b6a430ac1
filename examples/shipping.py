"""A shop's shipping: an ordinary consumer and producer, nothing of eventlab.

    KAFKA=127.0.0.1:9092 python shipping.py

Several of them share the partitions of the orders: they are one group. At least once: the place in
the topic is committed when the log has what was written for it.
"""

import json
import os
import signal

from confluent_kafka import Consumer, Producer

ORDERS = os.environ.get("ORDERS", "orders")
SHIPPED = os.environ.get("SHIPPED", "shipped")
GROUP = os.environ.get("GROUP", "shipping")


def ship(order):
    """Return the event that says that an order has left."""
    return {"order_id": order["order_id"], "customer_id": order["customer_id"], "shipped": True}


def main():
    """Ship orders until somebody says that it is enough (SIGTERM, Ctrl-C)."""
    stopping = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.append(True))
    kafka = {"bootstrap.servers": os.environ["KAFKA"]}
    member = {"group.id": GROUP, "auto.offset.reset": "earliest", "enable.auto.commit": False}
    producer = Producer(kafka | {"enable.idempotence": True})
    consumer = Consumer(kafka | member)
    consumer.subscribe([ORDERS])
    try:
        while not stopping:
            work(consumer, producer)
    finally:
        consumer.close()


def work(consumer, producer):
    """Ship what has come, and commit."""
    messages = [one for one in consumer.consume(100, 0.2) if one.error() is None]
    for message in messages:
        event = ship(json.loads(message.value()))
        producer.produce(SHIPPED, json.dumps(event), event["customer_id"])
    if messages and producer.flush(30) == 0:
        consumer.commit(asynchronous=False)


if __name__ == "__main__":
    main()
