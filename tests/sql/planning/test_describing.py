"""Plans in words."""

import pytest

from eventlab.sql.engine import Engine
from eventlab.sql.planning.describing import lines_of

SOURCES = """
CREATE STREAM a (k STRING KEY, n INT, l ARRAY<INT>) WITH (KAFKA_TOPIC='a', VALUE_FORMAT='JSON');
CREATE STREAM b (k STRING KEY, n INT) WITH (KAFKA_TOPIC='b', VALUE_FORMAT='JSON');
CREATE TABLE t (k STRING PRIMARY KEY, n INT) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON');
CREATE TABLE u (k STRING PRIMARY KEY, t STRING) WITH (KAFKA_TOPIC='u', VALUE_FORMAT='JSON');
"""


class Nowhere:
    """A topic that is there, for statements that never read it."""

    exists = True


def words_of(query: str) -> list[str]:
    """Return the words of each step of a query's plan."""
    engine = Engine(lambda name: Nowhere())
    engine.execute(SOURCES)
    (parsed,) = engine.parsed(query)
    plan = engine.session.plan(parsed.statement.query, is_persistent=False)
    lines = lines_of(plan)
    assert [number for number, _, _ in lines] == [str(n) for n in range(1, len(lines) + 1)]
    return [words for _, words, _ in lines]


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("SELECT * FROM a WHERE n > 1 EMIT CHANGES;", "condition"),
        ("SELECT * FROM a PARTITION BY n EMIT CHANGES;", "key by N"),
        ("SELECT EXPLODE(l) AS one FROM a EMIT CHANGES;", "row of each value"),
        ("SELECT a.n FROM a JOIN b WITHIN 1 HOUR ON a.k = b.k EMIT CHANGES;", "two streams"),
        ("SELECT a.n FROM a LEFT JOIN t ON a.k = t.k EMIT CHANGES;", "left join of each event"),
        ("SELECT t.n FROM t JOIN u ON t.k = u.k EMIT CHANGES;", "tables by their keys"),
        ("SELECT t.n FROM u JOIN t ON u.t = t.k EMIT CHANGES;", "foreign key"),
        ("SELECT k, COUNT(*) FROM a GROUP BY k EMIT CHANGES;", "group, and fold"),
        (
            "SELECT k, COUNT(*) FROM a WINDOW TUMBLING (SIZE 1 HOUR) GROUP BY k EMIT FINAL;",
            "tumbling windows, and fold, each when it is over",
        ),
    ],
)
def test_each_step_says_what_it_does(query, word):
    """Between what is read and what is shown."""
    words = words_of(query)
    assert words[0].startswith("read the ")
    assert words[-1] == "show"
    assert any(word in one for one in words[1:-1])


def test_the_columns_of_a_step_are_those_that_a_statement_can_name():
    """Without those that every row has."""
    engine = Engine(lambda name: Nowhere())
    engine.execute(SOURCES)
    (parsed,) = engine.parsed("SELECT k, n FROM b EMIT CHANGES;")
    plan = engine.session.plan(parsed.statement.query, is_persistent=False)
    assert lines_of(plan)[0] == ("1", "read the stream B from b", "K STRING, N INTEGER")
