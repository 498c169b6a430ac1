from eventlab.sql.planning.naming import Names
from tests.sql.statements import expression


def names_of(*texts, taken=()):
    names = Names(taken)
    return [names.of(expression(text)) for text in texts]


def test_a_column_keeps_its_name():
    assert names_of("price", "o.price") == ["PRICE", "PRICE"]


def test_what_is_computed_is_numbered():
    assert names_of("1", "price", "price + 1") == ["KSQL_COL_0", "PRICE", "KSQL_COL_1"]


def test_a_number_that_is_taken_is_left_out():
    assert names_of("1", "2", taken=["KSQL_COL_0"]) == ["KSQL_COL_1", "KSQL_COL_2"]


def test_a_field_of_a_struct_keeps_its_name_once():
    assert names_of("a->city", "b->city", "c->city") == ["CITY", "CITY_1", "CITY_2"]
    assert names_of("a->city", taken=["CITY"]) == ["CITY_1"]
