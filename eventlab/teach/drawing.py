"""A guess and what came out as a still picture, for wherever no page draws them."""

import base64
from collections.abc import Sequence
from html import escape

from eventlab.teach.curve import Axis, Curve, Run
from eventlab.teach.line import number_text

# Colours of ours (Okabe and Ito, 2008) on a ground of its own: readable on a dark page too.
_INK = "#333333"
_FRAME = "#767676"
_RUN = "#0072B2"
_WIDTH = 480  # pixels, as are all of these
_HEIGHT = 240
_LEFT = 72
_RIGHT = 20
_TOP = 30
_BOTTOM = 44
_SHARP = 2
_LINE_HEIGHT = 84
_LINE_Y = 46


def picture(svg: str, alt: str) -> str:
    """Return a drawing as HTML that every viewer of notebooks shows, with words in its place."""
    import vl_convert  # 84 MB, so only where a picture is wanted

    png = base64.b64encode(vl_convert.svg_to_png(svg, scale=_SHARP)).decode()
    source = f"data:image/png;base64,{png}"
    return f'<img src="{source}" width="{_WIDTH}" alt="{escape(alt, quote=True)}">'


def point_drawing(first: float, last: float, guess: float | None, outcome: float) -> str:
    """Return a line from `first` to `last` with the guess above and what came out below."""
    axis = Axis("", first, last)
    marks = [_mark(axis, outcome, "the run", _RUN, 1)]
    if guess is not None:
        marks.append(_mark(axis, guess, "you", _INK, -1))
    ends = [
        _words(_LEFT - 8, _LINE_Y + 4, number_text(first), "end", _INK),
        _words(_WIDTH - _LEFT + 8, _LINE_Y + 4, number_text(last), "start", _INK),
    ]
    ruler = f'<path d="M{_LEFT},{_LINE_Y}H{_WIDTH - _LEFT}" stroke="{_FRAME}" stroke-width="3"/>'
    return _drawing(_LINE_HEIGHT, [ruler, *ends, *marks])


def curve_drawing(curve: Curve, guess: Sequence[float] | None, outcome: Run) -> str:
    """Return the frame of a curve with the guess, dashed, and over it what came out."""
    width = _WIDTH - _LEFT - _RIGHT
    height = _HEIGHT - _TOP - _BOTTOM
    frame = f'<rect x="{_LEFT}" y="{_TOP}" width="{width}" height="{height}" fill="none"'
    clip = f'<clipPath id="frame"><rect x="{_LEFT}" y="{_TOP}" width="{width}" height="{height}"/>'
    parts = [f'{frame} stroke="{_FRAME}"/>', f"{clip}</clipPath>", *_axes(curve)]
    if guess is not None:
        drawn = Run(curve.places, tuple(guess))
        parts.append(_path(curve, drawn, _INK, 'stroke-dasharray="6 4"'))
        parts.append(_words(_LEFT + 6, 18, "- - you", "start", _INK))
    parts.append(_path(curve, outcome, _RUN, ""))
    parts.append(_words(_LEFT + 80, 18, "— the run", "start", _RUN))
    return _drawing(_HEIGHT, parts)


def _axes(curve: Curve) -> list[str]:
    across = curve.across
    up = curve.up
    bottom = _HEIGHT - _BOTTOM
    under = f"{across.title}, {across.unit}" if across.unit else across.title
    beside = f"{up.title}, {up.unit}" if up.unit else up.title
    middle = (_TOP + bottom) / 2
    turned = f'transform="rotate(-90 16 {middle})"'
    return [
        _words(_LEFT, bottom + 16, number_text(across.first), "start", _INK),
        _words(_WIDTH - _RIGHT, bottom + 16, number_text(across.last), "end", _INK),
        _words((_LEFT + _WIDTH - _RIGHT) / 2, bottom + 34, under, "middle", _INK),
        _words(_LEFT - 6, bottom, number_text(up.first), "end", _INK),
        _words(_LEFT - 6, _TOP + 10, number_text(up.last), "end", _INK),
        _words(16, middle, beside, "middle", _INK, turned),
    ]


def _path(curve: Curve, run: Run, colour: str, more: str) -> str:
    height = _HEIGHT - _TOP - _BOTTOM
    x = [_across(curve.across, value, _LEFT, _WIDTH - _RIGHT) for value in run.x]
    y = [_HEIGHT - _BOTTOM - height * _share(curve.up, value) for value in run.y]
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
    stroke = f'fill="none" stroke="{colour}" stroke-width="2.5" {more}'
    return f'<polyline points="{points}" {stroke} clip-path="url(#frame)"/>'


def _mark(axis: Axis, value: float, name: str, colour: str, side: int) -> str:
    shown = min(max(value, axis.first), axis.last)
    x = _across(axis, shown, _LEFT, _WIDTH - _LEFT)
    tip = _LINE_Y + 3 * side
    end = _LINE_Y + 13 * side
    triangle = f'<path d="M{x:.1f},{tip}L{x - 6:.1f},{end}H{x + 6:.1f}Z" fill="{colour}"/>'
    baseline = _LINE_Y - 18 if side < 0 else _LINE_Y + 28
    return triangle + _words(x, baseline, f"{name} {number_text(value)}", "middle", colour)


def _across(axis: Axis, value: float, left: float, right: float) -> float:
    return left + (right - left) * _share(axis, value)


def _share(axis: Axis, value: float) -> float:
    return (value - axis.first) / (axis.last - axis.first)


def _words(x: float, y: float, words: str, anchor: str, colour: str, more: str = "") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}" {more}'
    return f"<text {place}>{escape(words)}</text>"


def _drawing(height: int, parts: Sequence[str]) -> str:
    size = f'width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}"'
    ground = f'<rect width="{_WIDTH}" height="{height}" fill="#FFFFFF"/>'
    font = 'font-family="sans-serif" font-size="12"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>{ground}{"".join(parts)}</svg>'
