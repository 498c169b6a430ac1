"""Something that can be broken, and says what was done to it."""

from eventlab.services import Faults
from eventlab.services.breakable import Breakable


class Target(Breakable):
    """Something of a name; `all_met` is shared by all of them."""

    choices = (Faults(mode="hang"), "killed")

    def __init__(self, name, met) -> None:
        self.name = name
        self.all_met = met
        self.error = None
        self.now = None

    @property
    def trouble(self):
        return self.now

    def takes(self, trouble):
        return trouble != "frozen"

    def let(self, trouble):
        if self.error is not None:
            raise self.error
        self.all_met.append((self.name, trouble))
        self.now = trouble
