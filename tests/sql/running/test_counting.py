"""How many rows go through the steps of a query: as many as there are records, counted by hand."""

import pytest

from eventlab.log import Record, produce, read
from eventlab.sql.running.counting import Counts
from tests.sql.engines import ORDERS, Topics, engine
from tests.sql.planning.planning import plan_of
from tests.waiting import until


def test_what_is_taken_and_what_is_given_is_counted_by_the_batch():
    """By the number that EXPLAIN gives to a step; a batch that fails is taken all the same."""
    plan = plan_of("SELECT id, price FROM orders WHERE price > 1;")
    counts = Counts()
    change = counts.counting(lambda batch: batch[1:], taken=[plan.up.up], given=[plan.up, plan])
    assert change([1, 2, 3]) == [2, 3]
    change([4])
    assert counts.of(plan) == {1: 4, 2: 2, 3: 2}


def test_plans_that_are_equal_are_counted_apart():
    """A step is itself, not one like it."""
    one = plan_of("SELECT id, price FROM orders;")
    counts = Counts()
    counts.counting(list, taken=[one.up], given=[one])([1])
    assert counts.of(plan_of("SELECT id, price FROM orders;")) == {1: 0, 2: 0}


@pytest.fixture
def topics(new_topic):
    """Ten orders of 1 to 10 cents, by ann and bob by turns; and a table with ann, who changes."""
    topics = Topics(new_topic)
    topics.orders(*range(1, 11))
    topics._topics["people"] = new_topic()
    people = [("ann", b'{"AGE": 7}'), ("eve", b'{"AGE": 8}'), ("ann", b'{"AGE": 1}')]
    records = [Record(key, value, 1000) for key, value in people]
    produce(topics("people"), records).require_all()
    return topics


PEOPLE = (
    "CREATE TABLE people (customer STRING PRIMARY KEY, age INT)"
    " WITH (KAFKA_TOPIC='people', VALUE_FORMAT='JSON');"
)


@pytest.mark.broker
@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        # Read ten; four are above six; so many are shown.
        ("STREAM o AS SELECT customer, cents FROM orders WHERE cents > 6;", [10, 4, 4]),
        ("STREAM o AS SELECT customer, cents + 1 AS c FROM orders;", [10, 10]),
        # A row for each order that a group took in.
        (
            "TABLE o AS SELECT customer, COUNT(*) AS n FROM orders WHERE cents > 6"
            " GROUP BY customer;",
            [10, 4, 4, 4],
        ),
        (
            "STREAM o AS SELECT cents, good FROM orders WHERE cents > 6 PARTITION BY cents;",
            [10, 4, 4, 4],
        ),
        (
            "STREAM o AS SELECT customer, EXPLODE(ARRAY[1, 2, 3]) AS x FROM orders;",
            [10, 30, 30],
        ),
        # Five of the orders are ann's; nobody knows bob.
        (
            "STREAM o AS SELECT o.customer AS customer, age FROM orders o"
            " JOIN people p ON o.customer = p.customer;",
            [10, 3, 5, 5],
        ),
        # Of a table ann is there, eve is there, and ann is no more.
        ("TABLE o AS SELECT customer, age FROM people WHERE age > 1;", [3, 3, 3]),
        (
            "TABLE o AS SELECT customer, COUNT(*) AS n FROM orders"
            " WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY customer;",
            [10, 10, 10],
        ),
    ],
)
def test_counts_are_the_numbers_of_records(topics, statement, expected):
    """What was read, what each step gave, and at last what is in the topic."""
    with engine(topics) as running:
        running.execute(f"{ORDERS} {PEOPLE} CREATE {statement}")
        (query,) = running.queries.values()
        until(lambda: list(query.counts.values()) == expected, what=str(query.counts))
        assert list(query.counts) == list(range(1, len(expected) + 1))
        until(lambda: len(read(topics("O")).events) == expected[-1])


@pytest.mark.broker
def test_a_query_goes_on_counting_where_it_stood_still(topics):
    """What is paused counts nothing."""
    with engine(topics) as running:
        running.execute(f"{ORDERS} CREATE STREAM o AS SELECT customer, cents FROM orders;")
        (query,) = running.queries.values()
        until(lambda: query.counts == {1: 10, 2: 10})
        running.execute("PAUSE ALL;")
        topics.add(11, 12)
        running.execute("RESUME ALL;")
        until(lambda: query.counts == {1: 12, 2: 12})
