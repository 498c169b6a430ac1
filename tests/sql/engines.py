"""An engine on topics of a test's own, a few orders, and how to wait for what it makes of them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pandas

from eventlab.log import Record, Topic, produce
from eventlab.log.schemas import parsed
from eventlab.sql.answers import Rows
from eventlab.sql.engine import Engine
from tests.log.schemas.made import CENTS, field, record
from tests.waiting import until

ORDERS = (
    "CREATE STREAM orders (customer STRING KEY, good STRING, cents INT)"
    " WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='JSON');"
)
SUMS = "CREATE TABLE sums AS SELECT customer, SUM(cents) AS cents FROM orders GROUP BY customer;"
PAID = (
    "CREATE STREAM paid (id INT KEY, cents BIGINT)"
    " WITH (KAFKA_TOPIC='paid', FORMAT='AVRO', PARTITIONS=1);"
)
AVRO_ORDER = parsed(record(field("string", "item"), CENTS))


class Topics:
    """Topics by the names that statements use; all are a test's own."""

    def __init__(self, new_topic: Callable[..., Topic]) -> None:
        self._new_topic = new_topic
        self._topics: dict[str, Topic] = {}

    def __call__(self, name: str) -> Topic:
        """Return a topic by its name; one that nobody has asked for is not there."""
        if name not in self._topics:
            topic = self._new_topic()
            topic.delete()
            self._topics[name] = topic
        return self._topics[name]

    def orders(self, *cents: int, partitions: int = 1) -> Topic:
        """Make the topic of orders with so many cents each, of ann and bob by turns."""
        self._topics["orders"] = self._new_topic(partitions)
        self.add(*cents)
        return self._topics["orders"]

    def add(self, *cents: int) -> None:
        """Write further orders, a second apart."""
        records = [
            Record(("ann", "bob")[n % 2], b'{"GOOD": "tea", "CENTS": %d}' % one, (n + 1) * 1000)
            for n, one in enumerate(cents)
        ]
        produce(self._topics["orders"], records).require_all()


@contextmanager
def engine(open_topic: Callable[[str], Topic], **options: Any) -> Iterator[Engine]:
    """Yield an engine, and close it."""
    one = Engine(open_topic, **options)
    try:
        yield one
    finally:
        one.close()


def frame(engine: Engine, text: str) -> pandas.DataFrame:
    """Return the rows that the only statement of a text answers with."""
    (answer,) = engine.execute(text)
    assert isinstance(answer, Rows)
    return answer.frame()


def until_rows(engine: Engine, text: str, rows: list[tuple[Any, ...]]) -> None:
    """Wait until a pull query gives these rows."""
    until(lambda: list(frame(engine, text).itertuples(index=False, name=None)) == rows)
