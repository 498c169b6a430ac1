"""Schemas and contracts for tests, without a registry."""

from typing import Any

from eventlab.errors import ContractError
from eventlab.log.schemas import AvroSchema, Contract, parsed
from eventlab.log.schemas.registry_client import Registered

CUSTOMER = {"name": "customer", "type": "string"}
CENTS = {"name": "cents", "type": "int"}


def record(*fields: dict[str, Any], name: str = "Order", **more: Any) -> dict[str, Any]:
    return {"type": "record", "name": name, "fields": list(fields), **more}


def field(kind: Any, name: str = "a", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, **more}


class Known:
    """A registry that knows these schemas by their ids, each a version of the same number."""

    def __init__(self, *schemas: Any) -> None:
        self.schemas = {number: parsed(one) for number, one in enumerate(schemas, 1)}
        self.asked = 0

    def schema(self, schema_id: int) -> AvroSchema:
        self.asked += 1
        if schema_id not in self.schemas:
            raise ContractError(f"The schema registry did not find the schema {schema_id}")
        return self.schemas[schema_id]

    def version_of(self, schema_id: int, subject: str) -> int | None:
        return schema_id


def contracts(*schemas: Any) -> list[Contract]:
    """Return one contract for each schema, all of one subject and one registry."""
    known = Known(*schemas)
    return [
        Contract(Registered("orders-value", number, number, schema), known)
        for number, schema in known.schemas.items()
    ]
