import pytest

from eventlab.errors import SqlError
from eventlab.sql.catalog import WindowedBy
from eventlab.sql.functions.registry import Functions
from eventlab.sql.planning.aggregates import is_aggregate
from eventlab.sql.planning.plans import Aggregate, Where
from tests.sql.planning.planning import (
    SOURCES,
    names_of,
    plan_of,
    query_of,
    refused,
    source_of,
    written,
)

PENS = [
    ("orders", 1, {"ITEM": "pen", "PRICE": 3}, 1_000),
    ("orders", 2, {"ITEM": "ink", "PRICE": 8}, 2_000),
    ("orders", 3, {"ITEM": "pen", "PRICE": 4}, 61_000),
]


def refusal(rest):
    return str(refused(f"CREATE TABLE made AS SELECT {rest};"))


def test_a_query_groups_if_it_says_so():
    functions = Functions.builtin()
    assert is_aggregate(functions, query_of("SELECT item FROM orders GROUP BY item;"))
    assert not is_aggregate(functions, query_of("SELECT item FROM orders;"))


@pytest.mark.parametrize(
    "query",
    ["SELECT SUM(price) FROM orders;", "SELECT id FROM orders WINDOW SESSION (1 HOUR);"],
)
def test_aggregates_and_windows_need_groups(query):
    with pytest.raises(SqlError, match="GROUP BY"):
        is_aggregate(Functions.builtin(), query_of(query))


def test_a_group_has_its_values_and_what_is_computed_of_it():
    text = (
        "CREATE TABLE sums AS SELECT item, SUM(price) * 10 AS tenfold, COUNT(*) AS n"
        " FROM orders GROUP BY item;"
    )
    assert written(text, PENS) == [
        ("pen", {"TENFOLD": 30, "N": 1}, None),
        ("ink", {"TENFOLD": 80, "N": 1}, None),
        ("pen", {"TENFOLD": 70, "N": 2}, None),
    ]


def test_a_group_can_be_computed_and_of_several_values():
    text = (
        "CREATE TABLE made AS SELECT UCASE(item) AS loud, price % 2 AS odd, COUNT(*) AS n"
        " FROM orders GROUP BY UCASE(item), price % 2;"
    )
    assert written(text, PENS[:1]) == [({"LOUD": "PEN", "ODD": 1}, {"N": 1}, None)]


def test_a_window_is_a_part_of_what_a_group_is():
    text = (
        "CREATE TABLE made AS SELECT item, COUNT(*) AS n, WINDOWSTART AS since FROM orders"
        " WINDOW TUMBLING (SIZE 1 MINUTE) GROUP BY item;"
    )
    assert written(text, PENS) == [
        ("pen", {"N": 1, "SINCE": 0}, (0, 60_000)),
        ("ink", {"N": 1, "SINCE": 0}, (0, 60_000)),
        ("pen", {"N": 1, "SINCE": 60_000}, (60_000, 120_000)),
    ]
    assert plan_of(text[text.index("SELECT") :]).shape.window == WindowedBy("tumbling", 60_000)


def test_having_looks_at_groups():
    plan = plan_of("SELECT item, COUNT(*) AS n FROM orders GROUP BY item HAVING SUM(price) > 5;")
    assert isinstance(plan.up, Where)
    assert isinstance(plan.up.up, Aggregate)
    assert len(plan.up.up.aggregates) == 2
    assert names_of(plan) == ["ITEM", "N"]


def test_a_result_that_is_final_waits_for_the_end_of_its_window():
    query = (
        "SELECT item, COUNT(*) AS n FROM orders WINDOW SESSION (1 HOUR) GROUP BY item EMIT FINAL;"
    )
    assert plan_of(query).up.is_final


@pytest.mark.parametrize(
    ("rest", "summary"),
    [
        ("item, COUNT(*) FROM orders GROUP BY item PARTITION BY item", "Leave PARTITION BY out"),
        ("item, COUNT(*) FROM orders GROUP BY item EMIT FINAL", "has no final result"),
        ("item, COUNT(*) FROM orders GROUP BY item, orders.item", "names something twice"),
        ("item, COUNT(*) FROM orders GROUP BY SUM(price)", "where single rows are looked at"),
        ("item, price, COUNT(*) FROM orders GROUP BY item", "PRICE has many values in a group"),
        ("item, SUMM(price) FROM orders GROUP BY item", "There is no function SUMM"),
        ("COUNT(*) AS n FROM orders GROUP BY item", "the column ITEM of GROUP BY"),
        ("item, COUNT(*) FROM orders GROUP BY item HAVING price > 1", "many values in a group"),
    ],
)
def test_groups_that_cannot_be_are_refused(rest, summary):
    assert summary in refusal(rest)


def test_parameters_of_a_lambda_are_no_columns_of_a_group():
    names = names_of(
        plan_of(
            "SELECT item, TRANSFORM(COLLECT_LIST(price), one => one + 1) AS more"
            " FROM orders GROUP BY item;"
        )
    )
    assert names == ["ITEM", "MORE"]


def test_a_result_that_is_not_kept_needs_no_group_in_it():
    plan = plan_of("SELECT COUNT(*) AS n FROM orders GROUP BY item;", is_persistent=False)
    assert names_of(plan) == ["N"]


@pytest.mark.parametrize(("size", "advance"), [(10_000, 1), (20_000, 2), (5, 9)])
def test_a_record_may_be_in_many_windows(size, advance):
    source_of(hopping(size, advance), SOURCES)


@pytest.mark.parametrize(
    ("size", "advance", "number"), [(86_400_000, 1, "86,400,000"), (20_001, 2, "10,001")]
)
def test_a_record_in_too_many_windows_is_refused(size, advance, number):
    """A flow that makes millions for one record would not end when it is asked to."""
    text = hopping(size, advance)
    error = refused(text)
    assert error.position == (1, text.index("HOPPING") + 1)
    assert "at most 10,000 times ADVANCE BY" in str(error)
    assert f"found {number} windows: SIZE {size:,} ms, ADVANCE BY {advance} ms" in str(error)


def hopping(size, advance):
    return (
        "CREATE TABLE made AS SELECT item, COUNT(*) FROM orders WINDOW HOPPING"
        f" (SIZE {size} MILLISECONDS, ADVANCE BY {advance} MILLISECONDS) GROUP BY item;"
    )
