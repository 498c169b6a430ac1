"""What a request says beside its statements, and how what it asks for is named."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from eventlab.errors import SqlError
from eventlab.sql.catalog import Catalog
from eventlab.sql.server.refusals import BAD_REQUEST, Refusal, refusal
from eventlab.sql.syntax import (
    AlterSource,
    Assertion,
    AssertSchema,
    AssertTopic,
    Control,
    CreateAs,
    CreateSource,
    CreateType,
    Drop,
    DropType,
    InsertInto,
    Statement,
)


def command_id(statement: Statement) -> str:
    """Return the name by which `/status` knows a statement that changes what there is."""
    match statement:
        case CreateSource(kind=kind, name=name) | CreateAs(kind=kind, name=name):
            return f"{kind}/{name}/create"
        case AlterSource(kind=kind, name=name):
            return f"{kind}/{name}/alter"
        case InsertInto(name=name):
            return f"stream/{name}/insert"
        case Drop(kind=kind, name=name):
            return f"{kind}/{name}/drop"
        case Control(action=action, query_id=name):
            return f"{action}/{name}/execute"
        case CreateType(name=name):
            return f"type/{name}/create"
        case DropType(name=name):
            return f"type/{name}/drop"
    raise Refusal(BAD_REQUEST, "This statement changes nothing that is kept.")


def held(statement: Assertion, said: str, text: str) -> dict[str, Any]:
    """Return what is answered where what ASSERT says is so; ksqlDB's clients know two of these."""
    fields: dict[str, Any] = {}
    kind = "assert_source"
    match statement:
        case AssertTopic(topic=topic, is_negated=is_negated):
            kind = "assert_topic"
            fields = {"topicName": topic, "exists": not is_negated}
        case AssertSchema(subject=subject, schema_id=schema_id, is_negated=is_negated):
            kind = "assert_schema"
            fields = {"subject": subject, "id": schema_id, "exists": not is_negated}
    return {"@type": kind, "statementText": text, **fields, "message": said, "warnings": []}


def texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Return values as texts: of booleans their JSON."""
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in values.items()
        if value is not None
    }


@contextmanager
def holding(
    catalog: Catalog, properties: Mapping[str, Any], variables: Mapping[str, Any]
) -> Iterator[None]:
    """Let these hold for the statements that are run meanwhile, and no longer.

    Raises Refusal for a property that is not known, and for any SqlError of what is run.
    """
    given = catalog.settings.given
    given_before = dict(given)
    known_before = dict(catalog.variables)
    given.clear()
    catalog.variables.clear()
    try:
        for name, value in texts(properties).items():
            catalog.settings.set(name, value)
        catalog.variables.update(texts(variables))
        yield
    except SqlError as error:
        raise refusal(error) from None
    finally:
        given.clear()
        given.update(given_before)
        catalog.variables.clear()
        catalog.variables.update(known_before)
