"""DELIMITED: values beside each other, with a comma or another sign between them."""

import csv
from base64 import b64encode
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from eventlab.errors import SqlError
from eventlab.sql.formats.json_values import reader_of
from eventlab.sql.formats.serde import Columns, Serde, Unreadable, Values
from eventlab.sql.texts import double_text
from eventlab.sql.types import BOOLEAN, DOUBLE, ArrayType, MapType, SqlType, StructType

_NAMES = {"SPACE": " ", "TAB": "\t"}


def delimited_serde(columns: Columns, delimiter: str | None) -> Serde:
    """Return the delimited text of columns. Raises SqlError for a type that it has no place for."""
    for name, kind in columns:
        if isinstance(kind, (ArrayType, MapType, StructType)):
            raise SqlError(
                f"The format DELIMITED cannot hold the column {name}",
                expected="columns of plain types",
                found=str(kind),
                remedy="Use VALUE_FORMAT='JSON'.",
            )
    sign = _delimiter(delimiter)
    readers = [_reader(kind) for _, kind in columns]
    writers = [_writer(kind) for _, kind in columns]

    def read(data: bytes) -> list[Any] | None:
        try:
            texts = next(csv.reader([data.decode()], delimiter=sign, strict=True), None)
        except (csv.Error, UnicodeDecodeError) as error:
            raise Unreadable(f"it is no delimited text: {error}") from None
        if texts is None:
            raise Unreadable("it is empty")
        if len(texts) != len(readers):
            raise Unreadable(f"expected {len(readers)} values, found {len(texts)}")
        return [
            None if text == "" else convert(text)
            for convert, text in zip(readers, texts, strict=True)
        ]

    def write(values: Values) -> bytes | None:
        texts = [
            "" if value is None else convert(value)
            for convert, value in zip(writers, values, strict=True)
        ]
        written = [_quoted(text, sign, is_first=not number) for number, text in enumerate(texts)]
        return sign.join(written).encode()

    return Serde(read, write)


def _delimiter(given: str | None) -> str:
    sign = _NAMES.get((given or ",").upper(), given or ",")
    if len(sign) == 1:
        return sign
    raise SqlError(
        "The delimiter is no single sign",
        expected="one sign, or SPACE or TAB",
        found=repr(given),
        remedy="Write for example VALUE_DELIMITER='|'.",
    )


def _reader(kind: SqlType) -> Callable[[str], Any]:
    return _boolean if kind == BOOLEAN else reader_of(kind)


def _boolean(text: str) -> bool:
    return text.lower() == "true"


def _writer(kind: SqlType) -> Callable[[Any], str]:
    if kind == DOUBLE:
        return double_text
    return _plain_text


def _plain_text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bytes):
        return b64encode(value).decode()
    return str(value)


def _quoted(text: str, sign: str, *, is_first: bool) -> str:
    """Return a text as Apache Commons CSV writes it, which ksqlDB uses: in quotes where need be.

    That is more often than Python's csv does: before what begins a line and is neither a letter nor
    a digit, and around spaces at either end.
    """
    if not text:
        return text
    begins_oddly = not (text[0].isascii() and text[0].isalnum()) if is_first else text[0] <= "#"
    has_sign = any(letter in text for letter in (sign, '"', "\r", "\n"))
    if not begins_oddly and not has_sign and text[-1] > " ":
        return text
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
