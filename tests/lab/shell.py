"""A kernel's shell, as far as a lab sees it."""


class Shell:
    """Stand in for IPython: which cell runs, and what the notebook's variables are."""

    def __init__(self):
        self.user_ns, self.execution_count, self.cell = {}, 1, "a"

    def get_parent(self):
        """Return the request that runs the cell."""
        return {"metadata": {"cellId": self.cell}}
