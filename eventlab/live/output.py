"""The output in which a live picture stands: the moving view, and the still that takes its place.

A notebook is also read where no kernel is: on GitHub, as papermill's result, or opened the day
after. There the view cannot be drawn, so at its end the same output is renewed with a still. While
nobody watches (papermill has no page) the still is renewed after every cell that changed the
picture, because what comes between cells is lost there.
"""

import time
from collections.abc import Callable
from typing import Any

import ipywidgets
from IPython import get_ipython
from IPython.display import display

from eventlab.live.trouble import Bundle

# A page that is there asks for its rows within a fraction of this; one that opens many things at
# once, on a slow machine, takes longer.
_UNWATCHED_SECONDS = 0.5
_SLOW_PAGE_SECONDS = 60
# A still takes a third of a second, the first one longer. Nobody knows which cell is the last, so
# each that changed the picture renews it, until that has taken so long and a share of all the time.
_FREE_SECONDS = 0.3
_SHARE_OF_TIME = 0.1

Still = Callable[[], Bundle]


class Output:
    """Show `view` in the running cell's output, and be able to put `still()` in its place.

    A view that `speaks` sets `watched` when it was heard; of any other a page is taken to be there
    if the front end is one that has pages. `version` grows with every change of the picture. With
    `at_once` a front end without pages gets the still beside the view from the beginning: what
    changes only by hand may never be renewed there.
    """

    def __init__(
        self,
        view: ipywidgets.Widget,
        plain: str,
        still: Still,
        version: Callable[[], int],
        *,
        speaks: bool = True,
        at_once: bool = False,
    ) -> None:
        self._still = still
        self._version = version
        self._ended = False
        self._view = {
            "text/plain": plain,
            "application/vnd.jupyter.widget-view+json": {
                "version_major": 2,
                "version_minor": 0,
                "model_id": view.model_id,
            },
        }
        self._shell = get_ipython()
        page = has_page()
        self._page = page
        picture, metadata = still() if at_once and not page else ({}, {})
        self._handle = None
        if self._shell is not None:  # else IPython would print the dict, in a plain script
            shown = {**picture, **self._view}
            self._handle = display(shown, metadata=metadata, raw=True, display_id=True)
        self.watched = page and not speaks
        self._patience_seconds = _SLOW_PAGE_SECONDS if page else _UNWATCHED_SECONDS
        self._shown_at = time.monotonic()
        self._spent_seconds = 0.0
        self._drawn = -1
        if self._shell is not None:
            self._shell.events.register("post_run_cell", self._after_cell)

    @property
    def has_page(self) -> bool:
        """Tell whether a page shows it that can be asked, as far as is known."""
        return self._page and self.watched and not getattr(get_ipython(), "exit_now", False)

    def end(self) -> None:
        """Leave the still in place of the view, for good; a second call does nothing.

        From a cell it works everywhere; from a thread, on a page only.
        """
        if not self._ended:
            self._ended = True
            self._forget()
            # A kernel that shuts down without a page has nobody left who takes a still.
            if self.watched or not getattr(get_ipython(), "exit_now", False):
                self._renew()

    def keep_beside(self, still: Bundle) -> None:
        """Put a still beside the view: what is saved now shows it where nothing can move."""
        if self._handle is not None and not self._ended:
            data, metadata = still
            self._handle.update({**data, **self._view}, metadata=metadata, raw=True)

    def _forget(self) -> None:
        shell = self._shell
        self._shell = None
        if shell is not None:
            shell.events.unregister("post_run_cell", self._after_cell)

    def _after_cell(self, _result: Any = None) -> None:
        if self.watched:
            self._forget()
        elif self._version() > self._drawn and self._has_time():
            began = time.monotonic()
            is_first = self._drawn < 0
            self._renew()
            self._spent_seconds += 0 if is_first else time.monotonic() - began

    def _has_time(self) -> bool:
        shown_seconds = time.monotonic() - self._shown_at
        affordable = _FREE_SECONDS + _SHARE_OF_TIME * shown_seconds
        return shown_seconds >= self._patience_seconds and self._spent_seconds < affordable

    def _renew(self) -> None:
        self._drawn = self._version()
        if self._handle is not None:
            data, metadata = self._still()
            self._handle.update(data, metadata=metadata, raw=True)


def has_page() -> bool:
    """Tell whether what the running cell shows is shown on a page, as far as is known."""
    shell = get_ipython()
    # Whoever runs a notebook without a page (papermill, nbval) sends no metadata with its cells.
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    return bool(parent.get("metadata"))
