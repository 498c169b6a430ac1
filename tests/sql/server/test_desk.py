"""What a desk answers to what is asked."""

import pytest

from eventlab.sql.server.refusals import Refusal
from tests.sql.server.live_desk import run

pytestmark = pytest.mark.broker


def test_what_fails_is_not_kept(new_desk, create):
    """What was done before it in the same request is, and is among the answer."""
    desk = new_desk()
    with pytest.raises(Refusal) as refused:
        run(desk, f"{create} DROP STREAM nothing;")
    assert [one["commandId"] for one in refused.value.fields["entities"]] == ["stream/S/create"]
    assert refused.value.fields["statementText"] == "DROP STREAM nothing;"
    assert set(new_desk().engine.catalog.sources) == {"S"}


def test_a_request_has_its_own_properties_and_variables(desk, create):
    """SET and DEFINE hold until its end, and for what it makes."""
    (made, shown, named) = run(
        desk,
        f"{create} SET 'ksql.streams.auto.offset.reset' = 'latest'; SHOW PROPERTIES;"
        " DEFINE x = 's'; DESCRIBE ${x};",
    )
    assert made["@type"] == "currentStatus"
    assert shown["overwrittenProperties"] == ["auto.offset.reset"]
    assert named["sourceDescription"]["name"] == "S"
    (shown, variables) = run(desk, "SHOW PROPERTIES; SHOW VARIABLES;", variables={"a": 5})
    assert shown["overwrittenProperties"] == []
    assert variables["variables"] == [{"name": "a", "value": "5"}]


def test_an_unknown_property_is_refused(desk):
    """With the nearest that there is."""
    with pytest.raises(Refusal, match="There is no property auto") as refused:
        run(desk, "SHOW STREAMS;", properties={"auto.offset.rest": "latest"})
    assert refused.value.status == 400


def test_select_is_for_another_endpoint(desk, create):
    """And the other way round."""
    with pytest.raises(Refusal) as refused:
        run(desk, f"{create} SELECT * FROM s EMIT CHANGES;")
    assert refused.value.code == 40002
    with pytest.raises(Refusal, match="/ksql"):
        desk.ask("SHOW STREAMS;", {}, {})


def test_rows_that_are_inserted_are_pushed(desk, create):
    """By a statement, or as objects; what is wrong with one is said of that one."""
    run(desk, create)
    push = desk.ask("SELECT k, n FROM s EMIT CHANGES LIMIT 2;", {}, {})
    assert run(desk, "INSERT INTO s (k, n) VALUES ('a', 1);") == []
    errors = desk.insert("s", [{"k": "b", "n": 2}, {"m": 1}])
    assert [error is None for error in errors] == [True, False]
    assert push.wait(2)
    assert sorted(push.rows) == [("a", 1), ("b", 2)]
    with pytest.raises(Refusal, match="There is no stream or table NOWHERE"):
        desk.insert("nowhere", [])


def test_what_should_be_so_is_answered(desk, create, orders):
    """Or refused, at its place."""
    answers = run(
        desk,
        f"{create} ASSERT TOPIC '{orders}'; INSERT INTO s VALUES ('a', 1);"
        "ASSERT STREAM s (k STRING KEY, n INT); ASSERT VALUES s VALUES ('a', 1);",
    )
    kinds = [one["@type"] for one in answers]
    assert kinds == ["currentStatus", "assert_topic", "assert_source", "assert_source"]
    with pytest.raises(Refusal, match="no further row") as caught:
        run(desk, "ASSERT VALUES s (n) VALUES (2);")
    assert caught.value.fields["line"] == 1
