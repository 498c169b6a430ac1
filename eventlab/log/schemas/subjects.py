"""What a schema registry knows: subjects with their versions, ids, and levels; and its answers.

All of it comes from records of Confluent's own form, so that a topic can hold it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, cast

from eventlab.errors import ContractError
from eventlab.log.schemas.avro_schema import AvroSchema, parsed
from eventlab.log.schemas.compatibility import LEVELS, Level, problems

FIRST_LEVEL: Level = "BACKWARD"  # Confluent's own


class Refusal(Exception):
    """What the registry does not do: an HTTP status, Confluent's code for it, and its words."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class Entry(NamedTuple):
    """A record to be written: a key, and a value that is None where it deletes the key."""

    key: dict[str, Any]
    value: dict[str, Any] | None


@dataclass(frozen=True)
class Version:
    """One version of a subject; a deleted one is still known by its id."""

    subject: str
    version: int
    id: int
    schema: AvroSchema
    is_deleted: bool = False

    @property
    def entry(self) -> Entry:
        """Return the record that tells it."""
        key = {"keytype": "SCHEMA", "subject": self.subject, "version": self.version, "magic": 1}
        value = {
            "subject": self.subject,
            "version": self.version,
            "id": self.id,
            "schema": self.schema.text,
            "deleted": self.is_deleted,
        }
        return Entry(key, value)

    def gone(self, *, for_good: bool) -> Entry:
        """Return the record that takes it out of sight, or for good."""
        if for_good:
            return Entry(self.entry.key, None)
        return replace(self, is_deleted=True).entry


class Subjects:
    """Answer what a registry is asked, and say which records a change needs; it writes nothing.

    Its owner writes the records, and then has them applied. One thread at a time may use it.
    """

    def __init__(self) -> None:
        self._versions: dict[tuple[str, int], Version] = {}
        self._ids: dict[int, AvroSchema] = {}
        self._levels: dict[str | None, Level] = {}

    def apply(self, key: dict[str, Any], value: dict[str, Any] | None) -> None:
        """Take in a record; one of a kind that is not known here changes nothing."""
        kind = key.get("keytype")
        if kind == "SCHEMA":
            self._apply_version((key["subject"], key["version"]), value)
        elif kind == "CONFIG" and value is not None:
            self._levels[key["subject"]] = value["compatibilityLevel"]
        elif kind == "CONFIG":
            self._levels.pop(key["subject"], None)

    def _apply_version(self, place: tuple[str, int], value: dict[str, Any] | None) -> None:
        if value is None:
            self._versions.pop(place, None)
            return
        schema = parsed(value["schema"])
        self._ids[value["id"]] = schema
        self._versions[place] = Version(*place, value["id"], schema, value["deleted"])

    # -- what it has ----------------------------------------------------------------------------

    def names(self, prefix: str = "", *, deleted: bool = False) -> list[str]:
        """Return the subjects that have versions."""
        return sorted(
            {
                one.subject
                for one in self._versions.values()
                if one.subject.startswith(prefix) and (deleted or not one.is_deleted)
            }
        )

    def versions(self, subject: str, *, deleted: bool = False) -> list[Version]:
        """Return the versions of a subject in their order. Raises Refusal where there is none."""
        found = self._of(subject, deleted=deleted)
        if not found:
            raise Refusal(404, 40401, f"Subject '{subject}' not found.")
        return found

    def version(self, subject: str, number: str, *, deleted: bool = False) -> Version:
        """Return one version by its number, or the "latest"."""
        found = self.versions(subject, deleted=deleted)
        if number in ("latest", "-1"):
            return found[-1]
        wanted = _number(number)
        for one in found:
            if one.version == wanted:
                return one
        raise Refusal(404, 40402, f"Version {number} not found.")

    def by_id(self, schema_id: int) -> AvroSchema:
        """Return the schema of an id; that of a deleted version too."""
        if schema_id not in self._ids:
            raise Refusal(404, 40403, f"Schema {schema_id} not found")
        return self._ids[schema_id]

    def places(self, schema_id: int) -> list[Version]:
        """Return the versions that have an id."""
        self.by_id(schema_id)
        return [one for one in self._all() if one.id == schema_id and not one.is_deleted]

    def find(self, subject: str, text: object, *, deleted: bool = False) -> Version:
        """Return the version of a subject that has this schema."""
        schema = _parsed(text)
        for one in self.versions(subject, deleted=deleted):
            if one.schema.canonical == schema.canonical:
                return one
        raise Refusal(404, 40403, "Schema not found")

    def level(self, subject: str | None = None) -> Level:
        """Return the level of a subject, of all without one. Raises Refusal where it has none."""
        if subject is None:
            return self._levels.get(None, FIRST_LEVEL)
        if subject not in self._levels:
            words = f"Subject '{subject}' does not have subject-level compatibility configured"
            raise Refusal(404, 40408, words)
        return self._levels[subject]

    # -- what may be ----------------------------------------------------------------------------

    def problems(self, subject: str, text: object, number: str | None = None) -> list[str]:
        """Return why a schema may not follow a version, or those that its level looks at."""
        schema = _parsed(text)
        level = self._level_of(subject)
        if number is not None:
            chosen = self.version(subject, number)
            return problems(schema, {chosen.version: chosen.schema}, level)
        earlier = {one.version: one.schema for one in self._of(subject)}
        return problems(schema, earlier, level)

    # -- what is to be written ------------------------------------------------------------------

    def registering(self, subject: str, text: object) -> Version:
        """Return the version that a schema is, or will be when its record is written."""
        schema = _parsed(text)
        for one in self._of(subject):
            if one.schema.canonical == schema.canonical:
                return one
        found = self.problems(subject, text)
        if found:
            level = f"the level of {subject} is {self._level_of(subject)}"
            raise Refusal(409, 409, "; ".join([*found, level]))
        return Version(subject, self._next_version(subject), self._id_of(schema), schema)

    def has(self, version: Version) -> bool:
        """Tell whether a version is written already."""
        return self._versions.get((version.subject, version.version)) == version

    def setting(self, subject: str | None, level: object) -> Entry:
        """Return the record that sets a level."""
        if not isinstance(level, str) or level.upper() not in LEVELS:
            words = f"Invalid compatibility level. Valid values are {', '.join(LEVELS)}"
            raise Refusal(422, 42203, words)
        return Entry(_config_key(subject), {"compatibilityLevel": cast("Level", level.upper())})

    def unsetting(self, subject: str | None) -> Entry:
        """Return the record by which a subject has the level of all again."""
        if subject is not None:
            self.level(subject)
        return Entry(_config_key(subject), None)

    def unsetting_of(self, subject: str) -> list[Entry]:
        """Return the same where the subject has a level of its own, else nothing."""
        return [self.unsetting(subject)] if subject in self._levels else []

    def deleting(self, subject: str, number: str | None, *, for_good: bool) -> list[Version]:
        """Return the versions that are to go: first out of sight, and then for good."""
        found = self.versions(subject, deleted=True)
        if number is not None:
            found = [self.version(subject, number, deleted=True)]
        if for_good:
            return _all_deleted(found, subject, number)
        left = [one for one in found if not one.is_deleted]
        if not left:
            raise Refusal(404, 40404, f"Subject '{subject}' was soft deleted.")
        return left

    # -- how ------------------------------------------------------------------------------------

    def _all(self) -> Iterator[Version]:
        yield from sorted(self._versions.values(), key=lambda one: (one.subject, one.version))

    def _of(self, subject: str, *, deleted: bool = False) -> list[Version]:
        return [
            one for one in self._all() if one.subject == subject and (deleted or not one.is_deleted)
        ]

    def _level_of(self, subject: str) -> Level:
        return self._levels.get(subject, self.level())

    def _next_version(self, subject: str) -> int:
        taken = [one.version for one in self._of(subject, deleted=True)]
        return max(taken, default=0) + 1

    def _id_of(self, schema: AvroSchema) -> int:
        for number, known in self._ids.items():
            if known.canonical == schema.canonical:
                return number
        return max(self._ids, default=0) + 1


def _config_key(subject: str | None) -> dict[str, Any]:
    return {"keytype": "CONFIG", "subject": subject, "magic": 0}


def _all_deleted(found: list[Version], subject: str, number: str | None) -> list[Version]:
    if all(one.is_deleted for one in found):
        return found
    code = 40405 if number is None else 40407
    what = f"Subject '{subject}'" + ("" if number is None else f" Version {number}")
    raise Refusal(404, code, f"{what} was not deleted first before being permanently deleted")


def _number(number: str) -> int:
    if number.isdecimal() and 0 < int(number) < 2**31:
        return int(number)
    words = f"The specified version '{number}' is not a valid version id."
    allowed = 'Allowed values are between [1, 2^31-1] and the string "latest"'
    raise Refusal(422, 42202, f"{words} {allowed}")


def _parsed(text: object) -> AvroSchema:
    if not isinstance(text, str):
        raise Refusal(422, 42201, f"Invalid schema: expected its text, found {json.dumps(text)}")
    try:
        return parsed(text)
    except ContractError as error:
        raise Refusal(422, 42201, f"Invalid schema: {error}") from None
