"""A shop's front end: an ordinary starlette app and an ordinary Kafka client, nothing of eventlab.

KAFKA=127.0.0.1:9092 uvicorn front:app --port 8000
"""

import asyncio
import json
import os
from contextlib import asynccontextmanager

from confluent_kafka import KafkaError, Producer
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

ORDERS = os.environ.get("ORDERS", "orders")


@asynccontextmanager
async def producing(app):
    """Give the app a producer, made when it starts: a process of its own has its own."""
    settings = {"bootstrap.servers": os.environ["KAFKA"], "enable.idempotence": True}
    app.state.producer = Producer(settings)
    yield
    app.state.producer.flush(10)


def write(producer, customer, order):
    """Write one order of a customer; return what went wrong, None when the log has it."""
    errors = []

    def answered(error, _message):
        if error is not None:
            errors.append(error)

    producer.produce(ORDERS, json.dumps(order), customer, on_delivery=answered)
    if producer.flush(5):
        return KafkaError(KafkaError._TIMED_OUT)
    return errors[0] if errors else None


async def accept(request):
    """Say yes to an order when the log has it, and not before."""
    try:
        order = await request.json()
        number = order["order_id"]
        customer = order["customer_id"]
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        return JSONResponse({"error": f"no order: {error!r}"}, status_code=400)
    error = await asyncio.to_thread(write, request.app.state.producer, customer, order)
    if error is not None:
        return JSONResponse({"error": error.str()}, status_code=503)
    return JSONResponse({"accepted": number}, status_code=202)


app = Starlette(routes=[Route("/orders", accept, methods=["POST"])], lifespan=producing)
