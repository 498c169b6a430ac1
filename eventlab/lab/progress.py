"""What is fetched and made before a first start, as a bar in the notebook."""

from typing import Any

from IPython.display import HTML, display

from eventlab.lab.notebook import has_page


class Progress:
    """Show in the notebook how far a first start is, and nothing otherwise."""

    def __init__(self) -> None:
        self._handle: Any = None

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_error: object) -> None:
        if self._handle is not None:
            self._handle.update(HTML(""))

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show that `done` of `total` of something is there."""
        if not has_page():  # a program, which would print the name of a class
            return
        text = HTML(f"Once only: {what} <progress value={done} max={total}></progress>")
        if self._handle is None:
            self._handle = display(text, display_id=True)
        else:
            self._handle.update(text)
