"""One line under a cell: a mark, a word, a sentence, and what it rests on."""

from dataclasses import dataclass
from html import escape
from typing import Literal

Figure = int | float | str | bool
Tone = Literal["good", "bad", "open"]

# The word says it without colour; mark and edge have the page's own colours, for light and dark.
_TONES: dict[Tone, tuple[str, str]] = {
    "good": ("✔", "var(--jp-success-color1, #388e3c)"),
    "bad": ("✘", "var(--jp-error-color1, #d32f2f)"),
    "open": ("○", "var(--jp-content-font-color2, #767676)"),
}
_GREY = "var(--jp-content-font-color2, #767676)"
_ROW = (
    "display:flex; flex-wrap:wrap; gap:0 0.8em; align-items:baseline; padding:0.2em 0.8em;"
    " border-left:3px solid"
)


@dataclass(frozen=True)
class Line:
    """Hold a line; `tone` is good, bad or open, `details` are short and shown after the text."""

    tone: Tone
    word: str
    text: str
    details: tuple[str, ...] = ()

    @property
    def mimebundle(self) -> dict[str, str]:
        """Return the line as Jupyter shows it, as HTML and as plain text."""
        return {"text/plain": self._plain(), "text/html": self._html()}

    def _plain(self) -> str:
        mark, _ = _TONES[self.tone]
        details = f" ({', '.join(self.details)})" if self.details else ""
        return f"{mark} {self.word}: {self.text}{details}"

    def _html(self) -> str:
        mark, colour = _TONES[self.tone]
        details = "".join(f" · {escape(detail)}" for detail in self.details)
        return (
            f'<div role="status" aria-live="polite" style="{_ROW} {colour}">'
            f'<span aria-hidden="true" style="color:{colour}">{mark}</span>'
            f"<b>{escape(self.word)}</b>"
            f'<span style="flex:1 1 20em">{escape(self.text)}'
            f'<span style="color:{_GREY}">{details}</span></span></div>'
        )


def number_text(value: Figure) -> str:
    """Return a figure as people write it: thousands apart, no more digits than matter."""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
