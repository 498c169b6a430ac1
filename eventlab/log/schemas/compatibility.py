"""Whether a new version of a schema may follow earlier ones, and in plain words why not.

The verdict is that of `avro.compatibility`, which follows Avro's rules of schema resolution
(https://avro.apache.org/docs/1.12.0/specification/#schema-resolution); the levels are those of
Confluent's registry.
"""

from collections.abc import Iterator, Mapping
from typing import Literal, get_args

from avro.compatibility import ReaderWriterCompatibilityChecker, SchemaCompatibilityType
from avro.schema import Schema

from eventlab.checked import checked
from eventlab.log.schemas.avro_schema import AvroSchema
from eventlab.log.schemas.differences import differences

Level = Literal[
    "BACKWARD",
    "BACKWARD_TRANSITIVE",
    "FORWARD",
    "FORWARD_TRANSITIVE",
    "FULL",
    "FULL_TRANSITIVE",
    "NONE",
]
LEVELS: tuple[Level, ...] = get_args(Level)

NEW_READS_OLD = "new readers cannot read old events"
OLD_READS_NEW = "old readers cannot read new events"


@checked
def problems(new: AvroSchema, earlier: Mapping[int, AvroSchema], level: Level) -> list[str]:
    """Return why `new` may not follow the `earlier` versions, in plain words; [] where it may.

    A level that is not TRANSITIVE looks at the last version alone.
    """
    if level == "NONE" or not earlier:
        return []
    numbers = sorted(earlier) if level.endswith("_TRANSITIVE") else [max(earlier)]
    return [
        f"{problem} (version {number})"
        for number in numbers
        for problem in _between(new, earlier[number], level)
    ]


def can_read(reader: AvroSchema, writer: AvroSchema) -> bool:
    """Tell whether all that one schema writes can be read by another."""
    return _is_compatible(reader.meaning, writer.meaning)


def unreadable(reader: AvroSchema, writer: AvroSchema, *, reader_is_new: bool) -> list[str]:
    """Return why one schema cannot read all that another writes, in plain words; [] if it can."""
    if can_read(reader, writer):
        return []
    so = NEW_READS_OLD if reader_is_new else OLD_READS_NEW
    found = differences(reader.meaning, writer.meaning, _is_compatible, reader_is_new=reader_is_new)
    return [f"{difference}, so {so}" for difference in found or ["the two schemas differ"]]


def _between(new: AvroSchema, old: AvroSchema, level: Level) -> Iterator[str]:
    if level.startswith(("BACKWARD", "FULL")):
        yield from unreadable(new, old, reader_is_new=True)
    if level.startswith(("FORWARD", "FULL")):
        yield from unreadable(old, new, reader_is_new=False)


def _is_compatible(reader: Schema, writer: Schema) -> bool:
    result = ReaderWriterCompatibilityChecker().get_compatibility(reader, writer)
    return result.compatibility is SchemaCompatibilityType.compatible
