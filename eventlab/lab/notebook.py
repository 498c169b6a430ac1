"""What the running notebook knows of itself: its parameters, and which of its cells runs."""

from typing import Any, NamedTuple

from IPython import get_ipython


class Cell(NamedTuple):
    """A cell that runs: its id, None where the front end names none, and the number of the run."""

    id: str | None
    run: int

    def is_again(self, earlier: "Cell") -> bool:
        """Tell whether it is the same cell, run once more."""
        return self.id is not None and earlier.id == self.id and earlier.run != self.run


def parameter(name: str, default: Any = None) -> Any:
    """Return a parameter of the notebook, such as SEED, or `default` outside of one."""
    shell = get_ipython()
    return default if shell is None else shell.user_ns.get(name, default)


def has_page() -> bool:
    """Tell whether IPython runs this, and can show more than text."""
    return get_ipython() is not None


def running_cell() -> Cell:
    """Return the cell that runs now."""
    shell = get_ipython()
    if shell is None or not hasattr(shell, "get_parent"):
        return Cell(None, 0)
    metadata = shell.get_parent().get("metadata", {})
    return Cell(metadata.get("cellId"), shell.execution_count)


def is_run_by_a_person() -> bool:
    """Tell whether a front end runs this: it names the cell, which papermill and nbclient do not.

    What the tour or a test has run is no progress of the learner's.
    """
    return running_cell().id is not None
