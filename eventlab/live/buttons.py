"""Buttons that act at once, whatever the kernel is doing."""

import threading
from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets

from eventlab.live.busy import acts_while_busy


class Buttons(ipywidgets.VBox):
    """Show a button for each action, and under them what became of the last one.

    An action runs in a thread of its own, so that the page does not wait for it; until it is done
    the buttons are off. What it raises is shown in one line.
    """

    def __init__(self, actions: dict[str, Callable[[], object]]):
        self._note = ipywidgets.HTML()
        self._buttons = [self._button(label, action) for label, action in actions.items()]
        super().__init__([ipywidgets.HBox(self._buttons), self._note])
        acts_while_busy(self)

    def __repr__(self) -> str:
        return f"Buttons: {', '.join(button.description for button in self._buttons)}"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        # Where no kernel is, as on GitHub, one reads which buttons the running notebook has.
        still = f"<div>{escape(repr(self))}</div>"
        return {**super()._repr_mimebundle_(**options), "text/html": still}

    def _button(self, label: str, action: Callable[[], object]) -> ipywidgets.Button:
        button = ipywidgets.Button(description=label, layout=ipywidgets.Layout(width="auto"))
        button.on_click(lambda _: self._start(label, action))
        return button

    def _start(self, label: str, action: Callable[[], object]) -> None:
        self._say(f"{label} …", off=True)
        threading.Thread(target=self._run, args=(label, action), daemon=True).start()

    def _run(self, label: str, action: Callable[[], object]) -> None:
        try:
            action()
        except Exception as error:
            self._say(f"{type(error).__name__}: {error}", off=False)
        else:
            self._say(f"{label}: done.", off=False)

    def _say(self, text: str, *, off: bool) -> None:
        self._note.value = escape(text)
        for button in self._buttons:
            button.disabled = off
