"""Expressions in words: what is written can be read again, and is the same."""

import pytest

from eventlab.sql.planning.expression_texts import text_of
from tests.sql.planning.planning import query_of

WRITTEN = [
    "A + 1 > 2",
    "(A + 1) * 2 - -B <> 3",
    "A - (B - C) = 1",
    "A = 1 AND (B = 2 OR C = 3)",
    "A = 1 OR B = 2 AND NOT C = 3",
    "NOT (A = 1 OR B = 2)",
    "O.ITEM IN ('it''s', 'tea', NULL)",
    "A NOT IN (1, 2)",
    "A BETWEEN 1 AND 2.50 AND B NOT BETWEEN 3 AND C + 1",
    "ITEM LIKE '%x!_' ESCAPE '!'",
    "ITEM NOT LIKE 'a%'",
    "A IS NULL OR B IS NOT NULL",
    "A IS DISTINCT FROM B",
    "S->NAME = 'x' AND L[1] = 2 AND M['k'] = TRUE",
    "CASE WHEN A = 1 THEN 2 ELSE 3 END = 2",
    "CASE A WHEN 1 THEN 'x' END = 'x'",
    "CAST(A AS DOUBLE) / 100 > 1",
    "CAST(A AS DECIMAL(6, 2)) > 1",
    "UCASE(TRIM(ITEM)) = 'TEA' AND COUNT(*) > 1",
    "TRANSFORM(L, (X) => X + 1) = ARRAY[1, 2]",
    "REDUCE(M, 0, (S, K, V) => S + V) = 1",
    "MAP('a' := 1, 'b' := A) = STRUCT(X := 1)",
]


@pytest.mark.parametrize("words", WRITTEN)
def test_an_expression_is_written_as_a_statement_writes_it(words):
    """With the brackets that it needs and no others; so it is read as what it was."""
    condition = query_of(f"SELECT * FROM s WHERE {words} EMIT CHANGES;").where
    assert text_of(condition) == words


def test_brackets_that_change_nothing_are_left_out():
    """And names are in capitals, as they are known."""
    condition = query_of("SELECT * FROM s WHERE ((a) + (1)) > 2 EMIT CHANGES;").where
    assert text_of(condition) == "A + 1 > 2"
