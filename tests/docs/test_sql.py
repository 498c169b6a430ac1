"""The statements on the page about SQL do what it says."""

import re

import pytest

from eventlab.errors import SqlError
from eventlab.sql import run_statements
from tests.structure.files import ROOT

_PAGE = (ROOT / "docs" / "sql.md").read_text(encoding="utf-8")


def blocks(language):
    """Return the blocks of the page in a language."""
    return re.findall(rf"```{language}\n(.*?)```", _PAGE, re.DOTALL)


def test_the_script_that_tests_itself_fails_as_the_page_says():
    """At its last statement; without that it is right."""
    script = blocks("sql")[-1]
    (words,) = blocks("text")
    with pytest.raises(SqlError) as caught:
        run_statements(script, [])
    assert str(caught.value) == words.strip()
    assert len(run_statements(script.replace("26", "25"), [])) == 2


def test_columns_are_taken_from_a_schema_as_the_page_says():
    """Of a stream that somebody else might have made."""
    theirs = (
        "CREATE STREAM theirs (customer STRING, cents INT)"
        " WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='AVRO');"
        "INSERT INTO theirs VALUES ('ann', 20); INSERT INTO theirs VALUES ('ann', 5);"
    )
    held = "ASSERT VALUES sums VALUES ('ann', 20); ASSERT VALUES sums VALUES ('ann', 25);"
    assert len(run_statements(theirs + blocks("sql")[0] + held, [])) == 2
