"""A desk that looks at the others by itself, as that of a server does."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from eventlab.sql.server.desk import Desk


def run(
    desk: Desk, text: str, properties: Mapping[str, str] = {}, variables: Mapping[str, object] = {}
) -> Any:
    """Return what a desk answers to statements."""
    return desk.run(text, properties, variables)


class LiveDesk:
    """Ask a desk in its one thread, in which it also looks at the others; for tests."""

    def __init__(self, begin: Callable[[], Desk]) -> None:
        self._worker = ThreadPoolExecutor(1)
        self._ending = threading.Event()
        self.desk = self._worker.submit(begin).result()
        self._looking = threading.Thread(target=self._look_on, daemon=True)
        self._looking.start()

    def ask(self, work: Callable[[Desk], Any]) -> Any:
        """Return what some work with the desk gives, or raise what it raises."""
        return self._worker.submit(work, self.desk).result()

    def run(self, text: str) -> Any:
        """Return what statements answer."""
        return self.ask(lambda desk: desk.run(text, {}, {}))

    def pulled(self, text: str) -> list[Any]:
        """Return the rows of a pull query."""
        return [tuple(row) for row in self.ask(lambda desk: desk.ask(text, {}, {})).rows]

    def parts(self) -> dict[str, set[int]]:
        """Return which parts of each query run here."""

        def of(desk: Desk) -> dict[str, set[int]]:
            return {name: set(one.flows) for name, one in desk.engine.queries.items()}

        found: dict[str, set[int]] = self.ask(of)
        return found

    def freeze(self) -> None:
        """Look at nothing more, and end nothing: as a server that hangs."""
        self._ending.set()
        self._looking.join()

    def close(self) -> None:
        """Leave, as a server that ends; a second time is harmless."""
        self.freeze()
        self._worker.submit(self.desk.close).result()

    def _look_on(self) -> None:
        while not self._ending.wait(0.02):
            self._worker.submit(self.desk.commands.look).result()
