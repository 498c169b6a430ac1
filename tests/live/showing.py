"""A kernel and its page, as far as a live picture sees them."""

from types import SimpleNamespace


class Notebook:
    """Stand in for IPython: it keeps what a cell shows, and may have a page or none."""

    def __init__(self, *, page: bool):
        self.exit_now = False  # as the kernel's shell has it
        self.shown: dict | None = None
        self.renewals: list[dict] = []
        self.metadata: list[dict] = []
        self._page = page
        self._after: list = []
        self.events = SimpleNamespace(
            register=lambda name, call: self._after.append(call),
            unregister=lambda name, call: self._after.remove(call),
        )

    def get_parent(self) -> dict:
        """Return the request that runs the cell; only a page adds metadata."""
        return {"metadata": {"cellId": "x"} if self._page else {}}

    def display(self, data: dict, **_options) -> SimpleNamespace:
        """Show something for the first time."""
        self.shown = data
        return SimpleNamespace(update=self._renew)

    def end_cell(self) -> None:
        """Let a cell come to its end."""
        for call in list(self._after):
            call(None)

    @property
    def is_left_alone(self) -> bool:
        """Tell whether nothing hangs on the end of a cell any more."""
        return not self._after

    def _renew(self, data: dict, *, metadata: dict, raw: bool) -> None:
        self.renewals.append(data)
        self.metadata.append(metadata)
