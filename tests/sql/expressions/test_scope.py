import pytest

from eventlab.errors import SqlError
from eventlab.sql.expressions.scope import Place, Scope
from eventlab.sql.syntax import Column, Position
from eventlab.sql.types import BIGINT, STRING

ORDERS = [Place("ID", BIGINT, 0, "O"), Place("CITY", STRING, 1, "O")]
CUSTOMERS = [Place("ID", BIGINT, 2, "C"), Place("NAME", STRING, 3, "C")]
JOINED = Scope([*ORDERS, *CUSTOMERS])


def test_a_column_is_found_by_its_name_or_with_its_source():
    assert JOINED.find(Column("NAME")).place == 3
    assert JOINED.find(Column("ID", "C")).place == 2


def test_a_name_of_two_sources_is_ambiguous():
    with pytest.raises(SqlError, match=r"ambiguous.*O\.ID, C\.ID"):
        JOINED.find(Column("ID"))


def test_a_name_of_two_sources_that_stand_in_one_place_is_one_column():
    shared = Scope([Place("ID", BIGINT, 0, "O"), Place("ID", BIGINT, 0, "C")])
    assert shared.find(Column("ID")).place == 0


def test_a_column_that_is_not_there_is_refused_with_the_nearest_names_and_the_position():
    with pytest.raises(SqlError, match=r"Line 2, column 8: .*Did you mean CITY\?"):
        JOINED.find(Column("CITTY", position=Position(2, 8)))


def test_a_source_that_is_not_read_is_refused():
    with pytest.raises(SqlError, match="Source X is not read here: expected one of C, O"):
        JOINED.find(Column("ID", "X"))


def test_parameters_of_lambdas_stand_behind_the_columns_and_hide_them():
    inner = JOINED.within(["CITY"], [BIGINT]).within(["N"], [STRING])
    assert inner.find(Column("CITY")).place == 4
    assert inner.find(Column("N")).place == 5
    assert inner.find(Column("CITY", "O")).place == 1


def test_a_scope_without_columns_has_none():
    with pytest.raises(SqlError, match="expected an expression without columns"):
        Scope([]).find(Column("A"))
    assert not Scope([]).has(Column("A"))


def test_a_text_in_double_quotes_is_taken_for_a_column_that_is_not_there():
    with pytest.raises(SqlError, match="A text has single quotes: 'cit'"):
        JOINED.find(Column("cit"))
    with pytest.raises(SqlError, match=r"Did you mean CITY\?"):
        JOINED.find(Column("city"))
