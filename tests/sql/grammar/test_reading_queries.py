"""What a query says, clause by clause."""

import pytest

from eventlab.sql import syntax
from tests.sql.statements import query, refused, said

HOUR = 3_600_000
DAY = 24 * HOUR


def test_items_are_expressions_stars_and_names():
    """AS may be left out; a star may be of a source or of a struct."""
    items = query("SELECT a, b + 1 AS c, d `e`, *, t.*, s->*, t.s->f->*, f(x)->* FROM t;").items
    assert [said(item.expression) for item in items[:3]] == ["A", "(B + 1)", "D"]
    assert [item.alias for item in items[:3]] == [None, "C", "e"]
    assert [item.position for item in items[:3]] == [(1, 8), (1, 11), (1, 23)]
    assert items[3:5] == (
        syntax.Star(position=syntax.Position(1, 30)),
        syntax.Star(source="T", position=syntax.Position(1, 33)),
    )
    assert [said(star.struct) for star in items[5:]] == ["S", "T.S->F", "F(X)"]


@pytest.mark.parametrize(
    ("text", "name", "alias"),
    [
        ("orders", "ORDERS", None),
        ("orders o", "ORDERS", "O"),
        ("`Orders` AS `o`", "Orders", "o"),
        ("orders AS emit", "ORDERS", "EMIT"),
        ("orders EMIT CHANGES", "ORDERS", None),
        ("orders EMIT EMIT CHANGES", None, None),
        ("orders PARTITION BY x", "ORDERS", None),
        ("orders partition", None, None),
    ],
)
def test_a_source_may_have_another_name(text, name, alias):
    """Words that begin a clause are no names there."""
    if name is None:
        refused(f"SELECT * FROM {text};")
        return
    source = query(f"SELECT * FROM {text};").source
    assert (source.name, source.alias, source.position) == (name, alias, (1, 15))


def test_clauses_are_told_apart():
    """All of them in their order."""
    text = (
        "SELECT a, COUNT(*) FROM s WINDOW SESSION (5 MINUTES) WHERE b > 1 GROUP BY a, f(b, c) "
        "HAVING COUNT(*) > 2 EMIT FINAL LIMIT 7;"
    )
    found = query(text)
    assert said(found.where) == "(B > 1)"
    assert [said(value) for value in found.group_by] == ["A", "F(B, C)"]
    assert said(found.having) == "(COUNT() > 2)"
    assert (found.emit, found.limit, found.position) == ("final", 7, (1, 1))
    assert found.partition_by == ()
    pull = query("SELECT * FROM t WHERE k = 1;")
    assert (pull.emit, pull.limit, pull.window) == (None, None, None)


@pytest.mark.parametrize("words", ["GROUP BY", "PARTITION BY"])
def test_values_may_be_a_list_in_parentheses(words):
    """With a comma they are a list; without one, an expression of its own."""

    def values(text):
        found = query(f"SELECT * FROM s {words} {text} EMIT CHANGES;")
        return [said(value) for value in found.group_by or found.partition_by]

    assert values("a, b") == values("(a, b)") == ["A", "B"]
    assert values("(a)") == ["A"]
    assert values("(a + 1) * 2, b") == ["((A + 1) * 2)", "B"]
    assert values("(a IS NULL)") == ["(A IS NULL)"]
    assert values("(f(a, b))") == ["F(A, B)"]
    for text in ("", "()", "a AND b", "a, (b, c)", "(a, b) + 1", "a = 1", "(a, b", "a,"):
        refused(f"SELECT * FROM s {words} {text} EMIT CHANGES;")


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("TUMBLING (SIZE 1 HOUR)", ("tumbling", HOUR, None, None, None)),
        ("tumbling (size 2 days, retention 9 days)", ("tumbling", 2 * DAY, None, 9 * DAY, None)),
        (
            "HOPPING (SIZE 30 SECOND, ADVANCE BY 9 SECOND, RETENTION 1 HOURS, GRACE PERIOD 0 DAY)",
            ("hopping", 30_000, 9_000, HOUR, 0),
        ),
        (
            "SESSION (5 MINUTE, GRACE PERIOD 2 MILLISECONDS)",
            ("session", 300_000, None, None, 2),
        ),
        ("w SESSION (5 MILLISECOND)", ("session", 5, None, None, None)),
    ],
)
def test_windows_have_sizes_in_milliseconds(text, window):
    """What is not said is None."""
    found = query(f"SELECT COUNT(*) FROM s WINDOW {text} GROUP BY a;").window
    assert (found.kind, found.size, found.advance, found.retention, found.grace) == window


@pytest.mark.parametrize(
    "text",
    [
        *(
            "TUMBLING SIZE 1 HOUR",
            "TUMBLING (1 HOUR)",
            "TUMBLING (SIZE 1)",
            "TUMBLING (SIZE 0 DAYS)",
        ),
        *("TUMBLING (SIZE 1 WEEK)", "TUMBLING (SIZE 1.5 HOURS)", "TUMBLING (SIZE -1 HOURS)"),
        *("TUMBLING (SIZE 1 HOUR, ADVANCE BY 1 MINUTE)", "HOPPING (SIZE 1 HOUR)", "SESSION ()"),
        *("TUMBLING (SIZE 1 HOUR, GRACE PERIOD 1 HOUR, RETENTION 1 DAY)", "ROLLING (SIZE 1 DAY)"),
        *("HOPPING (SIZE 1 HOUR, ADVANCE 5 MINUTES)", "SESSION (SIZE 5 MINUTES)", "", "w"),
        *("TUMBLING (SIZE 1 HOUR", "TUMBLING (SIZE 1 HOUR,)", "SESSION (5 MINUTES, GRACE 1 DAY)"),
    ],
)
def test_other_windows_are_refused_with_an_example(text):
    """The example is of the window that was begun."""
    assert "WINDOW" in refused(f"SELECT COUNT(*) FROM s WINDOW {text} GROUP BY a;").remedy


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("JOIN", "inner"),
        ("INNER JOIN", "inner"),
        ("LEFT JOIN", "left"),
        ("LEFT OUTER JOIN", "left"),
        ("RIGHT JOIN", "right"),
        ("right outer join", "right"),
        ("FULL JOIN", "outer"),
        ("FULL OUTER JOIN", "outer"),
    ],
)
def test_joins_are_of_four_kinds(text, kind):
    """OUTER may be left out."""
    (join,) = query(f"SELECT * FROM a x {text} b AS y ON x.i = y.j + 1 EMIT CHANGES;").joins
    assert join.kind == kind
    assert (join.source.name, join.source.alias, join.within) == ("B", "Y", None)
    assert said(join.condition) == "(X.I = (Y.J + 1))"


@pytest.mark.parametrize(
    ("text", "within"),
    [
        ("WITHIN 2 HOURS", (2 * HOUR, 2 * HOUR, None)),
        ("WITHIN (1 HOUR, 0 DAYS)", (HOUR, 0, None)),
        ("WITHIN 1 DAY GRACE PERIOD 1 HOUR", (DAY, DAY, HOUR)),
        ("WITHIN (1 DAY, 1 HOUR) GRACE PERIOD 0 SECONDS", (DAY, HOUR, 0)),
    ],
)
def test_streams_are_joined_within_a_time(text, within):
    """Before and after, and how long late events are waited for."""
    (join,) = query(f"SELECT * FROM a JOIN b {text} ON a.i = b.i;").joins
    assert (join.within.before, join.within.after, join.within.grace) == within


def test_several_sources_are_joined_one_after_the_other():
    """Each join has its own condition, any expression."""
    text = "SELECT * FROM a JOIN b ON a.i = b.i LEFT JOIN c WITHIN 1 DAY ON f(a.i) = c.i AND TRUE;"
    joins = query(text).joins
    assert [join.source.name for join in joins] == ["B", "C"]
    assert said(joins[1].condition) == "((F(A.I) = C.I) AND True)"
    assert joins[1].position == (1, 37)


@pytest.mark.parametrize(
    "text",
    [
        *("SELECT FROM s", "SELECT *", "SELECT * FROM", "SELECT a, FROM s", "SELECT *, FROM s"),
        *("SELECT a b c FROM s", "SELECT a AS FROM s", "SELECT * FROM a b c", "SELECT * FROM a, b"),
        *("SELECT * AS x FROM s", "SELECT t.* x FROM s", "SELECT * EXCEPT (a) FROM s"),
        *("SELECT * FROM a AS b (c)", "SELECT * FROM (SELECT * FROM a)", "SELECT * FROM f(a)"),
        *(
            "SELECT * FROM a JOIN b",
            "SELECT * FROM a LEFT b ON x = y",
            "SELECT * FROM a OUTER JOIN b",
        ),
        *("SELECT * FROM a JOIN b USING (x)", "SELECT * FROM a CROSS JOIN b", "SELECT 1"),
        *("SELECT * FROM a NATURAL JOIN b", "SELECT * FROM a JOIN b WITHIN 1 ON a.x = b.x"),
        *("SELECT * FROM a JOIN b WITHIN (1 DAY) ON a.x = b.x", "SELECT * FROM a LIMIT x"),
        *("SELECT * FROM a GROUP BY x WHERE y", "SELECT * FROM a HAVING x GROUP BY y"),
        *(
            "SELECT * FROM a LIMIT 1 EMIT CHANGES",
            "SELECT * FROM a EMIT",
            "SELECT * FROM a EMIT ALL",
        ),
        *(
            "SELECT * FROM a EMIT CHANGES FINAL",
            "SELECT * FROM a WHERE",
            "SELECT * FROM a LIMIT -1",
        ),
        *("SELECT * FROM a ORDER BY x", "SELECT * FROM a LIMIT 1 OFFSET 2", "SELECT * FROM a.b"),
        *("SELECT * FROM a UNION SELECT * FROM b", "SELECT a FROM b FETCH FIRST 1 ROWS ONLY"),
        *("SELECT a FROM b QUALIFY c", "SELECT a FROM b TABLESAMPLE (1)", "SELECT a INTO b FROM c"),
        *(
            "SELECT a FROM b PARTITION c",
            "SELECT a FROM b WHERE c WHERE d",
            "WITH a AS (b) SELECT c",
        ),
    ],
)
def test_other_queries_are_refused(text):
    """No clause of another dialect, none in another order, nothing left over."""
    refused(f"{text};")


def test_a_mistyped_clause_is_named():
    """It was taken for another name of the source at first."""
    assert "WHERE instead of WERE" in refused("SELECT * FROM a WERE b = 1;").remedy
    assert "Did you mean CHANGES?" in refused("SELECT * FROM a EMIT CHANGE;").remedy
    assert "CREATE STREAM" in refused("SELECT * FROM (SELECT * FROM a);").remedy


def test_the_clause_that_is_absent_is_pointed_at():
    """And not the word behind it, though its first word was taken for a name."""
    error = refused("SELECT * FROM orders ORDER BY price;")
    assert error.position == (1, 22)
    assert error.found == "`ORDER`"
    assert "leave ORDER BY out" in error.remedy


@pytest.mark.parametrize(
    "window",
    [
        "SESSION (1000000 DAYS)",
        "TUMBLING (SIZE 1000000 DAYS)",
        "HOPPING (SIZE 1 DAY, ADVANCE BY 1000000 DAYS)",
        "SESSION (1 DAY, GRACE PERIOD 1000000 DAYS)",
    ],
)
def test_a_window_that_no_calendar_has_is_refused(window):
    error = refused(f"SELECT a, COUNT(*) FROM s WINDOW {window} GROUP BY a EMIT CHANGES;")
    assert (error.expected, error.found) == ("at most 100000 DAYS", "1000000 DAYS")
