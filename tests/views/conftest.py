import zlib
from collections.abc import Callable, Iterator

import pytest

from eventlab.processes.closing import close_all
from eventlab.views import View
from tests.views.counts import count_by


@pytest.fixture(params=["memory", "sqlite"])
def kind(request) -> str:
    """Return each kind of store."""
    return request.param


@pytest.fixture
def name(request) -> str:
    """Return a name that no other test's view has."""
    return f"v{zlib.crc32(request.node.nodeid.encode())}"


@pytest.fixture
def kept() -> Iterator[Callable]:
    """Return what stops a view when the test is over."""
    views: list[View] = []

    def keep(view: View) -> View:
        views.append(view)
        return view

    yield keep
    close_all([view.stop for view in views])


@pytest.fixture
def view_of(kind, name, kept) -> Callable[..., View]:
    """Return what makes a view of the counts, not begun, that ends with the test."""
    return lambda topic, **options: kept(count_by(kind, name, topic, **options))
