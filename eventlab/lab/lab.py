"""Lab: the one object that a notebook needs; it ties the rooms together and closes them again."""

import atexit
import getpass
import re

from IPython.display import display

from eventlab import log
from eventlab.broker import join
from eventlab.card import card, seat_name
from eventlab.errors import UsageError
from eventlab.lab.flow_part import FlowPart
from eventlab.lab.log_part import LogPart
from eventlab.lab.picture_part import PicturePart
from eventlab.lab.teach_part import TeachPart
from eventlab.live.renderer import use_renderer
from eventlab.notebook import Opened, Progress

_open: dict[str, "Lab"] = {}


class Lab(LogPart, FlowPart, PicturePart, TeachPart):
    """Join the broker, or start it, and show a small card; everything a chapter uses hangs on this.

    `chapter` ("00") is the prefix of the chapter's own topics and groups: two notebooks share the
    broker, and never each other's topics. Another Lab for the same chapter closes the one before.
    It closes by itself when the kernel ends; in a program use it as a context manager. Raises
    SetupError and BrokerError.
    """

    def __init__(self, chapter: str = "workbench"):
        self.chapter = _checked(chapter)
        if earlier := _open.pop(self.chapter, None):
            earlier.close()
        self._opened = Opened()
        with Progress() as progress:
            self.broker = join(seat_name(self.chapter), progress)
        self.cluster = log.Cluster(self.broker.client_settings)
        log.prepare(self.cluster)
        self._prefix = _prefix(self.chapter, shared=self.broker.external)
        use_renderer()
        self._show_card()
        _open[self.chapter] = self

    @property
    def kafka(self) -> dict:
        """Return settings for plain clients: Producer(lab.kafka), Consumer(lab.kafka | {...})."""
        return self.cluster.settings

    def close(self) -> None:
        """Stop everything that was opened and leave the broker; it ends with its last user."""
        self._opened.close_all()
        self._forget_card()
        self.broker.close()
        if _open.get(self.chapter) is self:
            del _open[self.chapter]

    def __enter__(self) -> "Lab":
        return self

    def __exit__(self, *_error) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Lab(chapter={self.chapter!r})"

    def _show_card(self) -> None:
        handle = display(card(self.chapter, self.broker), raw=True, display_id=True)
        renew = lambda _state: handle.update(card(self.chapter, self.broker), raw=True)  # noqa: E731
        self._forget_card = self.broker.on_change(renew) if handle else lambda: None


def _prefix(chapter: str, *, shared: bool) -> str:
    own = f"ch{chapter}." if chapter[:1].isdigit() else f"{chapter}."
    # On a cluster that others use too, the user's name comes before it.
    return re.sub(r"[^\w.-]", "_", getpass.getuser()) + "." + own if shared else own


def _checked(chapter: str) -> str:
    if isinstance(chapter, str) and re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", chapter):
        return chapter
    raise UsageError(
        "A lab belongs to a chapter",
        expected='its number, such as "00", or a short name',
        found=repr(chapter),
        remedy='Write Lab(chapter="00").',
    )


@atexit.register
def _close_all() -> None:
    for lab in list(_open.values()):
        lab.close()
