"""Contracts of events: Avro schemas with versions, which of them are compatible, and the bytes."""

from eventlab.log.schemas.avro_schema import AvroSchema, parsed
from eventlab.log.schemas.compatibility import LEVELS, problems
from eventlab.log.schemas.contract import Contract

__all__ = ["LEVELS", "AvroSchema", "Contract", "parsed", "problems"]
