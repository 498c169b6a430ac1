from eventlab.errors import BrokerError, SqlError
from eventlab.sql.server.refusals import Refusal, refusal


def sql_error(**more):
    """Return an error about a statement."""
    return SqlError("No", expected="this", found="that", remedy="Do it.", **more)


def test_a_statements_error_says_which_and_where():
    """Its text, what was done before it, line and column."""
    found = refusal(sql_error(position=(2, 5)), "SELECT;", [{"a": 1}])
    assert found.status == 400
    assert found.fields == {
        "@type": "statement_error",
        "error_code": 40001,
        "message": "Line 2, column 5: No: expected this, found that. Do it.",
        "stackTrace": [],
        "statementText": "SELECT;",
        "entities": [{"a": 1}],
        "line": 2,
        "column": 5,
    }


def test_an_error_without_a_statement_is_a_plain_one():
    """Of a request, say."""
    assert refusal(sql_error()).fields["@type"] == "generic_error"
    assert Refusal(40600, "Not so").status == 406


def test_a_broker_that_is_away_is_no_fault_of_the_client():
    """It may ask again."""
    error = BrokerError("Away", expected="it", found="nothing", remedy="Wait.")
    assert refusal(error).status == 500
