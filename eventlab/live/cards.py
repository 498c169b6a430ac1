"""The newest of something as small cards that fall into a log."""

from collections import deque
from collections.abc import Iterable
from html import escape
from typing import Any, NamedTuple

import traitlets

from eventlab.arguments import refused, required_whole_number
from eventlab.checked import checked
from eventlab.live.theme import BLUE
from eventlab.live.trouble import Bundle
from eventlab.live.widget import LiveWidget, script

# Each card takes a third of a second to fall, and has to lie still for long enough to be read: of
# six, every one lies for more than a second, however many events there are.
_RATE = 2.5
_AT_ONCE = 2
_MOST = 1000
_ROW = "white-space:nowrap;overflow-x:auto"
_STYLE = "display:inline-block;padding:4px 8px;border-top:4px solid "


class Card(NamedTuple):
    """What stands on one card: a title, a few short lines, and the colour of its edge."""

    title: str
    lines: list[str]
    colour: str = BLUE


class Cards(LiveWidget):
    """Show the `newest` cards; `push` takes more of them, from any thread.

    Only so many fall as eyes can follow. When there are more, some never fall; when no more come,
    the newest of all lie there.
    """

    _esm = script("cards.js")
    newest = traitlets.Int().tag(sync=True)
    # The page's own, kept with the saved notebook.
    held: traitlets.List[Any] = traitlets.List().tag(sync=True)
    alt = traitlets.Unicode("The newest records, each as a card").tag(sync=True)

    @checked
    def __init__(self, newest: int = 6) -> None:
        newest = required_whole_number("newest", newest, at_least=1, at_most=_MOST)
        self._held: deque[Card] = deque(maxlen=newest)
        self._fresh: deque[Card] = deque(maxlen=newest)
        self._version = 0
        super().__init__(rate=_RATE, newest=newest)

    @checked
    def push(self, cards: Iterable[Card]) -> None:
        """Let cards fall, in this order."""
        with self._sending:
            for card in cards:
                if not isinstance(card, Card):
                    raise refused("cards", card, "cards", '[Card("order", ["key a"])]')
                self._held.append(card)
                self._fresh.append(card)
                self._version += 1

    def _send_fresh(self) -> None:
        falling = [self._fresh.popleft() for _ in range(min(_AT_ONCE, len(self._fresh)))]
        if falling:
            self._send_cards(falling, everything=False)

    def _send_all(self) -> None:
        self._send_cards(self._held, everything=True)
        self._fresh.clear()

    def _send_cards(self, cards: Iterable[Card], *, everything: bool) -> None:
        self.send({"type": "cards", "cards": [c._asdict() for c in cards], "all": everything})

    def _still(self) -> Bundle:
        cards = "".join(_html(card) for card in self._held)
        return {"text/plain": repr(self), "text/html": f'<div style="{_ROW}">{cards}</div>'}, {}


def _html(card: Card) -> str:
    lines = "<br>".join(map(escape, card.lines))
    return f'<span style="{_STYLE}{card.colour}"><b>{escape(card.title)}</b><br>{lines}</span> '
