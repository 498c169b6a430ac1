"""Words in lines that a box of a plan has room for, on a narrow page too."""

import re

_PIXELS = 136  # what a box has for words where two of them stand side by side on a narrow page
_MOST = 5  # lines
# How wide letters are in a sans-serif face of 11.5 pixels: about, and rather too much.
_CAPITAL = 7.9
_SMALL = 6.2
_NARROW = 4.0
_BOLD = 1.2  # times as wide, and larger
_NARROW_ONES = set(" .,:;'()[]|!ijlft-")
_AFTER_JOINT = re.compile(r"(?<=[_.])")


def fitted(words: str, *, is_bold: bool = False) -> list[str]:
    """Return words as lines that fit, five at most; a word that does not fit is parted."""
    room = _PIXELS / (_BOLD if is_bold else 1)
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


def _width(text: str) -> float:
    return sum(
        _NARROW if letter in _NARROW_ONES else _CAPITAL if letter.isupper() else _SMALL
        for letter in text
    )
