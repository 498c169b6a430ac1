"""Functions that hide letters and digits of a text, and leave its shape to be seen.

Source: ksqlDB's reference, "Scalar functions".
"""

from unicodedata import category

from eventlab.sql.functions.declaring import scalar

_CHARACTERS = "upper STRING, lower STRING, digit STRING, other STRING"


@scalar(
    "MASK",
    "(text STRING) STRING",
    "Put X, x, n and - for capitals, small letters, digits and the rest, or what is given.",
)
@scalar("MASK", f"(text STRING, {_CHARACTERS}) STRING", takes_null=True)
def masked(
    text: str | None,
    upper: str | None = "X",
    lower: str | None = "x",
    digit: str | None = "n",
    other: str | None = "-",
) -> str | None:
    """Return a masked text; NULL for a mask leaves such letters as they are.

    Raises ValueError for a mask that is not one character.
    """
    if text is None:
        return None
    for mask in (upper, lower, digit, other):
        if mask is not None and len(mask) != 1:
            raise ValueError(f"A mask is one character, not {mask!r}")
    masks = {"Lu": upper, "Ll": lower, "Nd": digit}
    found = [(letter, masks.get(category(letter), other)) for letter in text]
    return "".join(letter if mask is None else mask for letter, mask in found)


@scalar("MASK_LEFT", "(text STRING, number INT) STRING", "Mask the first letters alone.")
@scalar("MASK_LEFT", f"(text STRING, number INT, {_CHARACTERS}) STRING", takes_null=True)
def masked_left(text: str | None, number: int | None, *masks: str | None) -> str | None:
    """Return a text whose first letters are masked. Raises ValueError for a number below 0."""
    if text is None or number is None:
        return None
    _check(number)
    return f"{masked(text[:number], *masks)}{text[number:]}"


@scalar("MASK_RIGHT", "(text STRING, number INT) STRING", "Mask the last letters alone.")
@scalar("MASK_RIGHT", f"(text STRING, number INT, {_CHARACTERS}) STRING", takes_null=True)
def masked_right(text: str | None, number: int | None, *masks: str | None) -> str | None:
    """Return a text whose last letters are masked. Raises ValueError for a number below 0."""
    if text is None or number is None:
        return None
    start = _start_of_last(text, number)
    return f"{text[:start]}{masked(text[start:], *masks)}"


@scalar("MASK_KEEP_LEFT", "(text STRING, number INT) STRING", "Mask all but the first letters.")
@scalar("MASK_KEEP_LEFT", f"(text STRING, number INT, {_CHARACTERS}) STRING", takes_null=True)
def masked_but_left(text: str | None, number: int | None, *masks: str | None) -> str | None:
    """Return a text of which the first letters can be read. Raises ValueError for one below 0."""
    if text is None or number is None:
        return None
    _check(number)
    return f"{text[:number]}{masked(text[number:], *masks)}"


@scalar("MASK_KEEP_RIGHT", "(text STRING, number INT) STRING", "Mask all but the last letters.")
@scalar("MASK_KEEP_RIGHT", f"(text STRING, number INT, {_CHARACTERS}) STRING", takes_null=True)
def masked_but_right(text: str | None, number: int | None, *masks: str | None) -> str | None:
    """Return a text of which the last letters can be read. Raises ValueError for one below 0."""
    if text is None or number is None:
        return None
    start = _start_of_last(text, number)
    return f"{masked(text[:start], *masks)}{text[start:]}"


def _start_of_last(text: str, number: int) -> int:
    _check(number)
    return max(len(text) - number, 0)


def _check(number: int) -> None:
    if number < 0:
        raise ValueError(f"There are no {number} letters to mask or to keep")
