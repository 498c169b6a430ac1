"""Buttons that act at once, whatever the kernel is doing."""

from collections.abc import Callable, Mapping
from functools import partial
from html import escape
from typing import Any, Self

import ipywidgets
from IPython.display import display

from eventlab.errors import UsageError, shown
from eventlab.live.busy import acts_while_busy
from eventlab.live.status_line import StatusLine
from eventlab.live.trouble import error_line
from eventlab.processes.background import Background

Action = Callable[[], object]


class Buttons(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """Show a button for each action, and under them what became of the last one.

    An action runs in the background, so that the page does not wait for it; until it is done the
    buttons are off. What it raises is shown in one line. Raises UsageError where there is no
    action.
    """

    def __init__(self, actions: Mapping[str, Action]) -> None:
        _require_actions(actions)
        self._line = StatusLine()
        self._buttons = [self._button(label, action) for label, action in actions.items()]
        self._is_shown = False
        super().__init__([ipywidgets.HBox(self._buttons), self._line])
        acts_while_busy(self)

    def show(self) -> Self:
        """Show them in the running cell's output; a second call does nothing."""
        if not self._is_shown:
            self._is_shown = True
            display(self)
        return self

    def stop(self) -> None:
        """Turn the buttons off for good; an action that runs goes on to its end."""
        self._turn(off=True)

    def __repr__(self) -> str:
        return f"Buttons: {', '.join(button.description for button in self._buttons)}"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        # Where no kernel is, as on GitHub, one reads which buttons the running notebook has.
        still = f"<div>{escape(repr(self))}</div>"
        return {**super()._repr_mimebundle_(**options), "text/html": still}

    def _button(self, label: str, action: Action) -> ipywidgets.Button:
        button = ipywidgets.Button(description=label, layout=ipywidgets.Layout(width="auto"))
        button.on_click(lambda _: self._start(label, action))
        return button

    def _start(self, label: str, action: Action) -> None:
        self._say(f"{label} …")
        self._turn(off=True)
        Background(label, action, on_end=partial(self._ended, label)).start()

    def _ended(self, label: str, error: BaseException | None) -> None:
        self._say(f"{label}: done." if error is None else error_line(error))
        self._turn(off=False)

    def _say(self, text: str) -> None:
        self._line.value = escape(text)
        self._line.spoken = text

    def _turn(self, *, off: bool) -> None:
        for button in self._buttons:
            button.disabled = off


def _require_actions(actions: Any) -> None:
    if isinstance(actions, Mapping) and actions and all(map(callable, actions.values())):
        return
    raise UsageError(
        "There is nothing that these buttons could do",
        expected="a label and a function for each button",
        found=shown(actions),
        remedy='Write Buttons({"Stop the broker": lab.broker.stop}), without calling the function.',
    )
