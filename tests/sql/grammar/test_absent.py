"""What ksqlDB has and this engine has not is refused by its name."""

import pytest

from tests.sql.statements import refused


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("CREATE SINK CONNECTOR c WITH (x = 1);", "CREATE SINK CONNECTOR"),
        ("LIST CONNECTORS;", "SHOW CONNECTORS"),
        ("DESCRIBE CONNECTOR c;", "DESCRIBE CONNECTOR"),
        ("ALTER SYSTEM 'a' = 'b';", "ALTER SYSTEM"),
        ("RUN SCRIPT 'a.sql';", "RUN SCRIPT"),
        ("SPOOL 'a.txt';", "SPOOL"),
    ],
)
def test_it_says_what_is_absent(text, name):
    """Each has its name in the message, and what to do in its place."""
    error = refused(text)
    assert error.summary.startswith(name)
    assert error.remedy


def test_a_script_is_given_to_the_shell():
    """Which is where RUN SCRIPT is written."""
    assert "eventlab sql < " in refused("RUN SCRIPT 'a.sql';").remedy
