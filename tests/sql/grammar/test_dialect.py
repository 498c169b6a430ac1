"""How operators bind, and what is refused as an expression."""

import pytest

from eventlab.sql import syntax
from tests.sql.statements import expression, refused, said


@pytest.mark.parametrize(
    ("text", "structure"),
    [
        ("a + b * c - d", "((A + (B * C)) - D)"),
        ("a - b - c", "((A - B) - C)"),
        ("a / b % c", "((A / B) % C)"),
        ("(a + b) * c", "((A + B) * C)"),
        ("a || b + c", "(A + (B + C))"),
        ("-a * b", "((-A) * B)"),
        ("- - a", "(-(-A))"),
        ("+a", "A"),
        ("a -1", "(A - 1)"),
        ("a - -1", "(A - -1)"),
        ("-a[1]", "(-A[1])"),
        ("NOT a = b AND c", "((NOT (A = B)) AND C)"),
        ("a OR b AND c", "(A OR (B AND C))"),
        ("NOT NOT a", "(NOT (NOT A))"),
        ("a + 1 > b OR c IS NULL", "(((A + 1) > B) OR (C IS NULL))"),
        ("a != b", "(A <> B)"),
        ("a <> b", "(A <> B)"),
        ("a IS NOT NULL", "(A IS NOT NULL)"),
        ("a IS DISTINCT FROM b + 1", "(A IS DISTINCT FROM (B + 1))"),
        ("a IS NOT DISTINCT FROM b", "(A IS NOT DISTINCT FROM B)"),
        ("s->f->g", "S->F->G"),
        ("t.s->f[2]->g", "t.s->f[2]->g".upper()),
        ("m['k'][i + 1]", "M['k'][(I + 1)]"),
        ("f(a)->b", "F(A)->B"),
        ("TRANSFORM(a, x => x + 1)", "TRANSFORM(A, (X => (X + 1)))"),
        ("REDUCE(a, 0, (s, x) => s + x)", "REDUCE(A, 0, (S, X => (S + X)))"),
        ("f((a), (b + c))", "F(A, (B + C))"),
        ("f()", "F()"),
    ],
)
def test_operators_bind_as_in_ksqldb(text, structure):
    """The structure is the one that ksqlDB gives the same text."""
    assert said(expression(text)) == structure


@pytest.mark.parametrize(
    ("text", "operator"), [("<", "<"), ("<=", "<="), (">", ">"), (">=", ">="), ("=", "=")]
)
def test_every_comparison_is_known(text, operator):
    """Each sign stands for itself."""
    assert expression(f"a {text} b").operator == operator


@pytest.mark.parametrize("word", ["", "NOT "])
def test_ranges_are_understood_and_turned_round(word):
    """BETWEEN, IN and LIKE each have their NOT."""
    is_negated = bool(word)
    between = expression(f"a {word}BETWEEN 1 + 1 AND b AND c")
    assert isinstance(between, syntax.Logical)
    assert between.left.is_negated is is_negated
    assert said(between.left.lower) == "(1 + 1)"
    assert said(between.left.upper) == "B"
    options = expression(f"a {word}IN (1, b, 'c')")
    assert options.is_negated is is_negated
    assert [said(option) for option in options.options] == ["1", "B", "'c'"]
    like = expression(f"a {word}LIKE 'x%' || b ESCAPE '!'")
    assert like.is_negated is is_negated
    assert like.escape == "!"
    assert said(like.pattern) == "('x%' + B)"


@pytest.mark.parametrize(
    "text",
    [
        *("a = b = c", "a < b < c", "a BETWEEN 1 2", "a IN ()", "a IN b", "a LIKE", "a IS 1"),
        *("a NOT b", "a NOT = b", "a IS NOT", "a LIKE 'x' ESCAPE 'xy'", "a LIKE 'x' ESCAPE b"),
        *("CASE END", "CASE a END", "CASE WHEN a b END", "CASE WHEN a THEN b", "CAST(a INT)"),
        *("a[]", "a[1:2]", "a[1, 2]", "a->1", "a->", "a.", "a.b.c", "f(a,)", "f(,a)", "f(a b)"),
        *("f(DISTINCT a)", "f(*, a)", "f(a) OVER (x)", "(a, b)", "()", "a::INT", "a ?? b"),
        *("a << b", "a ** b", "a & b", "'a' 'b'", "1 2", "1.2.3", "DATE '2020-01-01'"),
        *("x => x", "f(x => )", "f((x, 1) => x)", "MAP('a', 1)", "STRUCT('a' := 1)", "ARRAY(1)[]"),
        *("a AT TIME ZONE 'UTC'", "INTERVAL 1 DAY", "a COLLATE b", "(SELECT 1)", "EXISTS (a)"),
        *("ALL a", "DISTINCT a", "a ->* + 1", "a + b->*", "NOT", "a AND", "OR a", "N'a'"),
    ],
)
def test_what_ksqldb_does_not_know_is_refused(text):
    """Nothing of another dialect is taken for something else."""
    assert refused(f"SELECT {text} FROM s;").remedy


def test_a_struct_spread_is_of_an_operand():
    """`->*` spreads what stands before it, and not a sum."""
    assert "struct" in refused("SELECT a + b->* FROM s;").expected
