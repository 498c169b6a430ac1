"""A shop's totals: streaming SQL in a service of its own, asked over HTTP.

    KAFKA=127.0.0.1:9092 python totals.py

Its statements stand below, in ksqlDB's dialect on eventlab's engine. What they know is kept in a
folder: killed and started again, it goes on where it was. What a customer has paid is a topic, that
others may read, and an answer: curl localhost:8080/totals/c01
"""

import os

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from eventlab.sql import EmbeddedSql

ORDERS = os.environ.get("ORDERS", "orders")
TOTALS = os.environ.get("TOTALS", "totals")
FOLDER = os.environ.get("FOLDER", "totals-state")
PORT = int(os.environ.get("PORT", "8080"))

STATEMENTS = f"""
    CREATE STREAM orders (customer_id STRING, amount_cents INT)
        WITH (KAFKA_TOPIC='{ORDERS}', VALUE_FORMAT='JSON');
    CREATE TABLE totals WITH (KAFKA_TOPIC='{TOTALS}') AS
        SELECT customer_id, COUNT(*) AS orders, SUM(amount_cents) AS cents
        FROM orders GROUP BY customer_id;
"""


def main():
    """Answer until somebody says that it is enough (SIGTERM, Ctrl-C)."""
    with EmbeddedSql({"bootstrap.servers": os.environ["KAFKA"]}, folder=FOLDER) as sql:
        sql.run(STATEMENTS)

        def totals(request):
            sql.require_running()
            customer_id = request.path_params["customer_id"].replace("'", "''")  # as SQL has it
            rows = sql.rows(f"SELECT * FROM totals WHERE customer_id = '{customer_id}';")
            return JSONResponse(rows[0] if rows else None, status_code=200 if rows else 404)

        app = Starlette(routes=[Route("/totals/{customer_id}", totals)])
        uvicorn.run(app, host="127.0.0.1", port=PORT)


if __name__ == "__main__":
    main()
