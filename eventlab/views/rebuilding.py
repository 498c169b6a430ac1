"""A view that is built anew, beside the old one, in a thread of its own."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from eventlab.arguments import required_number
from eventlab.checked import checked
from eventlab.errors import ViewError
from eventlab.log import Topic
from eventlab.processes.background import Background
from eventlab.views.folding import Folding
from eventlab.views.positions import Places, PublicPosition, public, reached
from eventlab.views.stores import Store

if TYPE_CHECKING:
    from eventlab.views.view import View

_END_SECONDS = 10.0


class Rebuilding:
    """What `view.rebuild` returns: how far the new rows are, and whether they are shown by now.

    All methods may be called from any thread.
    """

    def __init__(self, view: "View", folds: Mapping[Topic, Folding], store: Store) -> None:
        self._view = view
        self._folds = folds
        self._store = store
        self._building = view.built_beside(folds, store)
        self._is_done = False
        self._background = Background(f"rebuild {view.name}", self._build, on_end=_keep)

    @property
    def position(self) -> PublicPosition:
        """Return how far the new rows are."""
        return public(self._building.position)

    @property
    def is_done(self) -> bool:
        """Tell whether the new rows have taken the place of the old ones."""
        return self._is_done

    @property
    def error(self) -> BaseException | None:
        """Return what ended it; the old rows have stayed. None if nothing did."""
        return self._background.error

    def start(self) -> None:
        """Begin; a second call does nothing."""
        self._background.start()

    @checked
    def wait(self, timeout_seconds: float = 60.0) -> "View":
        """Return the view when the new rows have taken their place.

        Raises what ended the building, and ViewError when it takes longer, or was stopped.
        """
        required_number("timeout_seconds", timeout_seconds, at_least=0)
        self._background.wait(timeout_seconds)
        if self._is_done:
            return self._view
        raise ViewError(
            f"The view {self._view.name} is not rebuilt",
            expected=f"it within {timeout_seconds:g} s",
            found=f"the position {self.position}",
            remedy="Wait longer: the old rows are there meanwhile.",
        )

    def stop(self) -> None:
        """Build no further; the old rows stay, unless the new ones have taken their place."""
        self._background.stop(_END_SECONDS)

    def _build(self) -> None:
        building = self._building
        try:
            if self._has_reached(self._view.target()):
                self._view.take_over(building, self._folds, self._store)
                self._is_done = True
        finally:
            if not self._is_done:
                building.close()
                building.generation.close()
                self._view.give_back()

    def _has_reached(self, target: Places) -> bool:
        while not self._background.stopping.is_set():
            if reached(self._building.position, target):
                return True
            self._building.step()
        return False


def _keep(_error: BaseException | None) -> None:
    """Log nothing: the error is where the learner looks, at `error` and in `wait`."""
