"""Words in lines that a box of a plan has room for, on a narrow page too."""

import re

TITLE_PIXELS = 13
LINE_PIXELS = 11
_ROOM = 129  # pixels of a box where two stand side by side on a narrow page
_MOST = 5  # lines
# How wide letters are, in thousandths of their size: Helvetica's, which Arial and others share.
_WIDTHS = {
    "ijl'": 222,
    " !,./:;[]\\ftI": 278,
    "|()-r`": 333,
    "*": 389,
    "cksvxyzJ": 500,
    "+<=>~": 584,
    "FTZ": 611,
    "ABEKPSVXY&": 667,
    "CDHNRUw": 722,
    "GOQ": 778,
    "Mm": 833,
    "%W": 944,
}
_USUAL = 556  # of digits and the other small letters
_WIDTH_OF = {letter: width for letters, width in _WIDTHS.items() for letter in letters}
_BOLD = 1.07  # times as wide
_AFTER_JOINT = re.compile(r"(?<=[_.])")


def fitted(words: str, *, is_title: bool = False) -> list[str]:
    """Return words as lines that fit, five at most; a word that does not fit is parted."""
    size = TITLE_PIXELS * _BOLD if is_title else LINE_PIXELS
    room = _ROOM / size * 1000
    lines: list[str] = []
    line = ""
    for word in words.split():
        longer = f"{line} {word}" if line else word
        if _width(longer) <= room:
            line = longer
            continue
        if line:
            lines.append(line)
        *whole, line = _parted(word, room)
        lines += whole
    lines.append(line)
    if len(lines) > _MOST:
        return [*lines[: _MOST - 1], "…"]
    return lines


def _parted(word: str, room: float) -> list[str]:
    """Return the parts of a word, at its joints if it has some there, else anywhere."""
    parts = [""]
    for piece in _AFTER_JOINT.split(word):
        if _width(parts[-1] + piece) <= room:
            parts[-1] += piece
            continue
        parts.append("")
        for letter in piece:
            if _width(parts[-1] + letter) > room:
                parts.append("")
            parts[-1] += letter
    return [part for part in parts if part]


def _width(text: str) -> int:
    return sum(_WIDTH_OF.get(letter, _USUAL) for letter in text)
