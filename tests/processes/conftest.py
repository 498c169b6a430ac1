from collections.abc import Callable, Iterator

import pytest

from eventlab.processes import child
from eventlab.processes.child import Child
from tests.structure.files import ROOT


@pytest.fixture
def spawned(monkeypatch) -> Iterator[Callable[..., Child]]:
    """Return what spawns a child of a kind; each is killed at the end."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    children: list[Child] = []

    def spawn(kind: str, **options) -> Child:
        children.append(child.spawn("tests.processes.kinds", **options))
        children[-1].send(kind)
        return children[-1]

    yield spawn
    for one in children:
        one.kill()
        one.wait()
        one.close()
