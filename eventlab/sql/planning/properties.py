"""What stands behind WITH: names that ksqlDB knows, and what each may be."""

import re
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, get_args

from eventlab.arguments import LONGEST
from eventlab.errors import SqlError, shown
from eventlab.sql.catalog import EventTime, Format, FormatName, WindowedBy
from eventlab.sql.durations import milliseconds_of
from eventlab.sql.schemas import Schemas
from eventlab.sql.settings import (
    KEY_FORMAT,
    TOPIC_PREFIX,
    VALUE_FORMAT,
    WRAP_SINGLE_VALUES,
    Settings,
)
from eventlab.sql.syntax import Position, WrittenProperties

NAMES = (
    "FORMAT",
    "KAFKA_TOPIC",
    "KEY_DELIMITER",
    "KEY_FORMAT",
    "KEY_SCHEMA_FULL_NAME",
    "PARTITIONS",
    "REPLICAS",
    "TIMESTAMP",
    "TIMESTAMP_FORMAT",
    "VALUE_AVRO_SCHEMA_FULL_NAME",
    "VALUE_DELIMITER",
    "VALUE_FORMAT",
    "VALUE_SCHEMA_FULL_NAME",
    "WINDOW_SIZE",
    "WINDOW_TYPE",
    "WRAP_SINGLE_VALUE",
)
_FORMATS: tuple[FormatName, ...] = get_args(FormatName)
_ABSENT_FORMATS = ("PROTOBUF", "PROTOBUF_NOSR", "JSON_SR")
_SCHEMA_IDS = ("KEY_SCHEMA_ID", "VALUE_SCHEMA_ID")
_FULL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
_ALWAYS_BARE: tuple[FormatName, ...] = ("DELIMITED", "KAFKA")


class Properties:
    """The properties of one statement; every one that is not known is refused at once.

    What they do not say is as the settings of the session have it.
    """

    def __init__(
        self,
        given: Mapping[str, Any],
        settings: Settings,
        *,
        schemas: Schemas | None = None,
        allowed: tuple[str, ...] = NAMES,
    ):
        self._settings = settings
        self._schemas = schemas or Schemas()
        self._given = {name.upper(): value for name, value in given.items()}
        self._positions = given.positions if isinstance(given, WrittenProperties) else {}
        for name in self._given:
            if name not in allowed:
                raise _unknown(name, allowed, self._positions.get(name))

    def text(self, name: str) -> str | None:
        """Return a text, None where the property is not there."""
        found = self._given.get(name)
        if found is None or isinstance(found, str):
            return found
        raise self._wrong(name, found, "a text in single quotes")

    def number(self, name: str) -> int | None:
        """Return a whole number from 1 on, None where the property is not there."""
        found = self._given.get(name)
        if found is None:
            return None
        try:
            number = int(found)
        except (TypeError, ValueError):
            raise self._wrong(name, found, "a whole number") from None
        if not isinstance(found, str) and number != found:
            raise self._wrong(name, found, "a whole number")
        if number < 1:
            raise self._wrong(name, found, "a whole number, 1 or more")
        return number

    def boolean(self, name: str) -> bool | None:
        """Return true or false, None where the property is not there."""
        found = self._given.get(name)
        if found is None or isinstance(found, bool):
            return found
        if str(found).lower() in ("true", "false"):
            return str(found).lower() == "true"
        raise self._wrong(name, found, "true or false")

    def has(self, name: str) -> bool:
        """Tell whether the statement says a property."""
        return self._given.get(name) is not None

    def topic_of_result(self, name: str) -> str:
        """Return the topic of what a query makes: as stated, or by the name of the result."""
        return self.text("KAFKA_TOPIC") or f"{self._settings.text(TOPIC_PREFIX) or ''}{name}"

    def key_format(self, inherited: Format | None) -> Format:
        """Return the format of the key: as stated, inherited, or the session's."""
        given = self._format("KEY_FORMAT") or inherited or self.default_key_format()
        given = self._with_schema(given, "KEY_FORMAT", "KEY_SCHEMA_FULL_NAME")
        return replace(given, delimiter=self._delimiter("KEY_DELIMITER", given))

    def default_key_format(self) -> Format:
        """Return the format of keys for which nothing is said."""
        return _session_format(self._settings, KEY_FORMAT) or Format("KAFKA")

    def value_format(self, inherited: Format | None) -> Format:
        """Return the format of the value: as stated, inherited or the session's; one is needed."""
        given = self._format("VALUE_FORMAT") or inherited
        given = given or _session_format(self._settings, VALUE_FORMAT)
        if given is None:
            raise SqlError(
                "The statement names no format for the values",
                expected="VALUE_FORMAT, or FORMAT for keys and values alike",
                found="neither",
                remedy="Write for example WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='JSON').",
            )
        if given.name == "NONE":
            raise self._wrong("VALUE_FORMAT", "NONE", "a format that can hold values")
        names = ("VALUE_AVRO_SCHEMA_FULL_NAME", "VALUE_SCHEMA_FULL_NAME")
        given = self._with_schema(given, "VALUE_FORMAT", *names)
        delimiter = self._delimiter("VALUE_DELIMITER", given)
        return replace(given, delimiter=delimiter, is_wrapped=self._is_wrapped(given))

    def event_time(self) -> EventTime | None:
        """Return the column that says when a row happened, None for the record's own time."""
        column = self.text("TIMESTAMP")
        pattern = self.text("TIMESTAMP_FORMAT")
        if column is not None:
            name = column[1:-1] if column.startswith("`") else column.upper()
            return EventTime(name, pattern)
        return None

    def window(self) -> WindowedBy | None:
        """Return what windows the keys of the topic are of; None for none."""
        kind = self.text("WINDOW_TYPE")
        size = self.text("WINDOW_SIZE")
        if kind is None:
            return None
        kinds = {"SESSION": "session", "TUMBLING": "tumbling", "HOPPING": "hopping"}
        if kind.upper() not in kinds:
            raise self._wrong("WINDOW_TYPE", kind, "SESSION, TUMBLING or HOPPING")
        if (size is None) != (kind.upper() == "SESSION"):
            expected = "no size for SESSION, and one for every other type"
            raise self._wrong("WINDOW_SIZE", size, expected)
        length = None if size is None else self._size(size)
        return WindowedBy(kinds[kind.upper()], length)  # type: ignore[arg-type]

    def _size(self, stated: str) -> int:
        found = milliseconds_of(stated)
        if not found:
            expected = f"a number above 0 and a unit, of at most {LONGEST.days} DAYS together"
            raise self._wrong("WINDOW_SIZE", stated, expected)
        return found

    def _is_wrapped(self, given: Format) -> bool | None:
        """Return whether a value's only column stands in an object; raise SqlError if it cannot."""
        stated = self.boolean("WRAP_SINGLE_VALUE")
        if given.name not in _ALWAYS_BARE:
            is_given = self._settings.is_given(WRAP_SINGLE_VALUES)
            session = self._settings.boolean(WRAP_SINGLE_VALUES) if is_given else None
            return session if stated is None else stated
        if stated:
            raise SqlError(
                f"The format {given.name} wraps no value",
                expected="WRAP_SINGLE_VALUE=true with a format such as JSON",
                found=f"it with {given.name}",
                remedy="Leave WRAP_SINGLE_VALUE out, or take VALUE_FORMAT='JSON'.",
                position=self._positions.get("WRAP_SINGLE_VALUE"),
            )
        return stated

    def _with_schema(self, given: Format, stated_by: str, *names: str) -> Format:
        """Return a format with what its schemas need; what is inherited of them does not count."""
        stated = [name for name in names if self.has(name)]
        if given.name == "AVRO":
            self._schemas.require(self._place_of_format(stated_by))
            full_name = self._full_name(stated[0]) if stated else None
            return replace(given, full_name=full_name, schemas=self._schemas)
        if stated:
            raise SqlError(
                f"The format {given.name} has no schema that could have a name",
                expected=f"{stated[0]} with the format AVRO alone",
                found=f"it with {given.name}",
                remedy=f"Leave {stated[0]} out, or take AVRO.",
                position=self._positions.get(stated[0]),
            )
        return given

    def _place_of_format(self, name: str) -> Position | None:
        return self._positions.get(name, self._positions.get("FORMAT"))

    def _wrong(self, name: str, found: object, expected: str) -> SqlError:
        return _wrong(name, found, expected, self._positions.get(name))

    def _full_name(self, name: str) -> str | None:
        found = self.text(name)
        if found is None or _FULL_NAME.fullmatch(found):
            return found
        raise self._wrong(name, found, "letters, digits and underscores, with dots between them")

    def _delimiter(self, name: str, given: Format) -> str | None:
        stated = self.text(name)
        if stated is None:
            return given.delimiter
        if given.name != "DELIMITED":
            raise SqlError(
                f"The format {given.name} has no delimiter",
                expected=f"{name} with the format DELIMITED alone",
                found=f"it with {given.name}",
                remedy=f"Leave {name} out, or take DELIMITED.",
                position=self._positions.get(name),
            )
        if not stated.strip():
            raise self._wrong(name, stated, "one sign, or the word SPACE or TAB")
        return stated

    def _format(self, name: str) -> Format | None:
        both = self.text("FORMAT")
        given = self.text(name)
        if both is not None and given is not None:
            raise SqlError(
                f"FORMAT and {name} say the same thing twice",
                expected="one of them",
                found="both",
                remedy="Leave one of them out.",
                position=self._positions.get(name),
            )
        stated = given or both
        place = self._place_of_format(name)
        if stated is None:
            return None
        if stated.upper() in _ABSENT_FORMATS:
            raise SqlError(
                f"The format {stated.upper()} is not there",
                expected=", ".join(_FORMATS),
                found=stated.upper(),
                remedy="Use AVRO where a registry is to keep the schemas, else JSON.",
                position=place,
            )
        if stated.upper() in _FORMATS:
            return Format(stated.upper())  # type: ignore[arg-type]
        raise _wrong(name, stated, ", ".join(_FORMATS), place)


def _unknown(name: str, allowed: tuple[str, ...], position: Position | None) -> SqlError:
    if name in _SCHEMA_IDS:
        return SqlError(
            f"The property {name} is not there",
            expected="the newest schema of the topic's subject",
            found=f"{name}, the id of another one",
            remedy="Leave it out. To read a part of what a schema has, write its columns.",
            position=position,
        )
    near = get_close_matches(name, allowed, n=1)
    return SqlError(
        f"There is no property {name}",
        expected=", ".join(near or allowed),
        found=name,
        remedy="Leave it out, or write the one that is meant.",
        position=position,
    )


def _session_format(settings: Settings, name: str) -> Format | None:
    stated = settings.text(name)
    return None if stated is None else Format(stated.upper())  # type: ignore[arg-type]


def _wrong(name: str, found: object, expected: str, position: Position | None = None) -> SqlError:
    return SqlError(
        f"The property {name} is not as it should be",
        expected=expected,
        found=shown(found),
        remedy=f"Write it for example as {name}={_EXAMPLES.get(name, 'true')}.",
        position=position,
    )


_EXAMPLES = {
    "FORMAT": "'JSON'",
    "KAFKA_TOPIC": "'orders'",
    "KEY_DELIMITER": "'|'",
    "KEY_FORMAT": "'KAFKA'",
    "KEY_SCHEMA_FULL_NAME": "'com.shop.OrderKey'",
    "PARTITIONS": "1",
    "REPLICAS": "1",
    "TIMESTAMP": "'placed_at'",
    "VALUE_AVRO_SCHEMA_FULL_NAME": "'com.shop.Order'",
    "VALUE_DELIMITER": "'|'",
    "VALUE_FORMAT": "'JSON'",
    "VALUE_SCHEMA_FULL_NAME": "'com.shop.Order'",
    "WINDOW_SIZE": "'10 SECONDS'",
    "WINDOW_TYPE": "'TUMBLING'",
}
