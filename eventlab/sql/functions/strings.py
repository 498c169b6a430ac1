"""Functions of text, most of them of bytes too.

A letter is a code point, also where Java counts it for two. Source: ksqlDB's reference, "Scalar
functions".
"""

import re
from typing import TypeVar

from eventlab.sql.functions.declaring import scalar

# A text or bytes, and every argument of a call the same.
Sequence = TypeVar("Sequence", str, bytes)

_BLANKS = "".join(map(chr, range(33)))  # what Java's trim takes away
_WORD = re.compile(r"(\S)(\S*\s*)", re.ASCII)
_ESCAPED = re.compile(r"\\u+([0-9a-fA-F]{4})")
_SURROGATES = range(0xD800, 0xE000)
_LAST_CODE_POINT = 0x10FFFF
_LONGEST_FILLING = 1_000_000  # what a record holds by Kafka's default, and no more


@scalar("UCASE", "(text STRING) STRING", "Write a text in capital letters.")
def upper(text: str) -> str:
    """Return the text in capital letters."""
    return text.upper()


@scalar("LCASE", "(text STRING) STRING", "Write a text in small letters.")
def lower(text: str) -> str:
    """Return the text in small letters."""
    return text.lower()


@scalar("INITCAP", "(text STRING) STRING", "Begin each word with a capital letter, and only there.")
def words_with_capitals(text: str) -> str:
    """Return the words of a text with a capital each; blanks before the first one fall away."""
    words = _WORD.findall(text.lower())
    return "".join(f"{first.upper()}{rest}" for first, rest in words)


@scalar("TRIM", "(text STRING) STRING", "Leave out blanks at both ends of a text.")
def trimmed(text: str) -> str:
    """Return the text without blanks and control characters at its ends."""
    return text.strip(_BLANKS)


@scalar("LEN", "(text STRING) INT", "Count the letters of a text, or the bytes.")
@scalar("LEN", "(bytes BYTES) INT")
def length(value: str | bytes) -> int:
    """Return how many letters or bytes there are."""
    return len(value)


@scalar(
    "CONCAT", "(texts... STRING) STRING", "Join texts or bytes; NULL adds nothing.", takes_null=True
)
def concatenated_texts(*texts: str | None) -> str:
    """Return all texts as one."""
    return "".join(text for text in texts if text is not None)


@scalar("CONCAT", "(parts... BYTES) BYTES", takes_null=True)
def concatenated_bytes(*parts: bytes | None) -> bytes:
    """Return all bytes as one."""
    return b"".join(part for part in parts if part is not None)


@scalar(
    "CONCAT_WS",
    "(separator STRING, text STRING, texts... STRING) STRING",
    "Join texts or bytes with a separator between them; NULL is left out.",
    takes_null=True,
)
def joined_texts(separator: str | None, *texts: str | None) -> str | None:
    """Return all texts as one with a separator between two, NULL without a separator."""
    return None if separator is None else separator.join(one for one in texts if one is not None)


@scalar("CONCAT_WS", "(separator BYTES, part BYTES, parts... BYTES) BYTES", takes_null=True)
def joined_bytes(separator: bytes | None, *parts: bytes | None) -> bytes | None:
    """Return all bytes as one with a separator between two, NULL without a separator."""
    return None if separator is None else separator.join(one for one in parts if one is not None)


@scalar(
    "SUBSTR",
    "(text STRING, position INT, length INT?) STRING",
    "Take a part of a text or of bytes: the same as SUBSTRING.",
)
@scalar("SUBSTR", "(bytes BYTES, position INT, length INT?) BYTES")
@scalar(
    "SUBSTRING",
    "(text STRING, position INT, length INT?) STRING",
    "Take the part that begins at a position, from 1, or from the end where it is below 0.",
)
@scalar("SUBSTRING", "(bytes BYTES, position INT, length INT?) BYTES")
def part(value: Sequence, position: int, length: int | None = None) -> Sequence:
    """Return what begins at a position; position 0 is the first too, and no length is the rest."""
    start = max(len(value) + position, 0) if position < 0 else max(position - 1, 0)
    return value[start:] if length is None else value[start : start + max(length, 0)]


@scalar(
    "REPLACE",
    "(text STRING, old STRING, new STRING) STRING",
    "Put another text wherever one occurs.",
)
def replaced(text: str, old: str, new: str) -> str:
    """Return the text with `new` wherever `old` was."""
    return text.replace(old, new)


@scalar(
    "SPLIT",
    "(text STRING, delimiter STRING) ARRAY<STRING>",
    "Cut a text or bytes wherever the delimiter is; an empty one cuts everywhere.",
)
@scalar("SPLIT", "(bytes BYTES, delimiter BYTES) ARRAY<BYTES>")
def pieces(value: Sequence, delimiter: Sequence) -> list[Sequence]:
    """Return what stands between the delimiters, which is empty where two stand together."""
    if delimiter:
        return value.split(delimiter)
    return [value[place : place + 1] for place in range(len(value))] or [value]


@scalar(
    "SPLIT_TO_MAP",
    "(text STRING, entries STRING, key STRING) MAP<STRING, STRING>",
    "Read entries such as a:1/b:2 as a map; of two with one key the later one stays.",
)
def split_to_map(text: str, between_entries: str, after_key: str) -> dict[str, str] | None:
    """Return the entries that have a key; NULL where a delimiter is empty, or both are one."""
    if not between_entries or not after_key or between_entries == after_key:
        return None
    entries = [entry.split(after_key) for entry in text.split(between_entries)]
    return {entry[0]: entry[1] for entry in entries if len(entry) > 1}


@scalar(
    "INSTR",
    "(text STRING, part STRING, position INT?, occurrence INT?) INT",
    "Find where a part of a text stands, from 1; 0 if nowhere. Below 0, search from the end.",
    takes_null=True,
)
def place_of(
    text: str | None, part: str | None, position: int | None = 1, occurrence: int | None = 1
) -> int | None:
    """Return the place of the n-th occurrence from a position on, backwards where it is below 0."""
    if text is None or part is None:
        return 0
    if position is None or occurrence is None:
        return None
    if not 0 < abs(position) <= len(text) or occurrence < 1:
        return 0
    return (
        _forwards(text, part, position - 1, occurrence)
        if position > 0
        else _backwards(text, part, len(text) + position + 1, occurrence)
    )


def _forwards(text: str, part: str, start: int, occurrence: int) -> int:
    place = text.find(part, start)
    for _ in range(occurrence - 1):
        if place < 0:
            break
        place = text.find(part, place + 1)
    return place + 1


def _backwards(text: str, part: str, end: int, occurrence: int) -> int:
    place = text.rfind(part, 0, end)
    for _ in range(occurrence - 1):
        if place < 0:
            break
        place = text.rfind(part, 0, max(place - 1 + len(part), 0))
    return place + 1


@scalar(
    "LPAD",
    "(text STRING, length INT, padding STRING) STRING",
    "Fill up a text or bytes on the left, or cut what is too long.",
)
@scalar("LPAD", "(bytes BYTES, length INT, padding BYTES) BYTES")
def padded_left(value: Sequence, length: int, padding: Sequence) -> Sequence | None:
    """Return what is just so long; NULL where there is no padding or the length is below 0."""
    if not padding or length < 0:
        return None
    return _filling(padding, length - len(value)) + value[:length]


@scalar(
    "RPAD",
    "(text STRING, length INT, padding STRING) STRING",
    "Fill up a text or bytes on the right, or cut what is too long.",
)
@scalar("RPAD", "(bytes BYTES, length INT, padding BYTES) BYTES")
def padded_right(value: Sequence, length: int, padding: Sequence) -> Sequence | None:
    """Return what is just so long; NULL where there is no padding or the length is below 0."""
    if not padding or length < 0:
        return None
    return value[:length] + _filling(padding, length - len(value))


def _filling(padding: Sequence, missing: int) -> Sequence:
    if missing > _LONGEST_FILLING:
        raise ValueError(f"At most {_LONGEST_FILLING} signs are filled in, not {missing}")
    times = max(missing, 0) // len(padding) + 1
    return (padding * times)[: max(missing, 0)]


@scalar(
    "ELT",
    "(n INT, texts... STRING) STRING",
    "Take the n-th of several texts, from 1.",
    takes_null=True,
)
def nth(n: int | None, *texts: str | None) -> str | None:
    """Return the n-th text, NULL where there is none."""
    return texts[n - 1] if n is not None and 0 < n <= len(texts) else None


@scalar(
    "FIELD",
    "(text STRING, texts... STRING) INT",
    "Find which of several texts, from 1, is this one; 0 if none is.",
    takes_null=True,
)
def number_of(text: str | None, *texts: str | None) -> int:
    """Return the number of the text among the others, 0 for NULL."""
    return texts.index(text) + 1 if text is not None and text in texts else 0


@scalar("CHR", "(code INT) STRING", "Make a letter of its Unicode number, or of one like \\u0041.")
def letter(code: int) -> str | None:
    """Return a letter, NULL where no letter has the number."""
    is_letter = 0 <= code <= _LAST_CODE_POINT and code not in _SURROGATES
    return chr(code) if is_letter else None


@scalar("CHR", "(code STRING) STRING")
def unescaped(code: str) -> str | None:
    """Return what is written as \\u and four hexadecimal digits, once or several times.

    Raises ValueError for one half of a letter that takes two.
    """
    if len(code) < len("\\u0000") or not code.startswith("\\u"):
        return None
    letters = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), code)
    return letters.encode("utf-16", "surrogatepass").decode("utf-16")
