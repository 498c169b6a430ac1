import zlib
from collections.abc import Callable, Iterator

import pytest

from eventlab.database import Database, new_database
from eventlab.processes.closing import close_all
from eventlab.views import DuckDB, Memory, Postgres, View
from eventlab.views.stores import Store
from tests.views.counts import SCHEMA, SQL, count_in


@pytest.fixture(
    params=["memory", "sqlite", "duckdb", pytest.param("postgres", marks=pytest.mark.database)]
)
def kind(request) -> str:
    """Return the name of each kind of store."""
    return request.param


@pytest.fixture
def store(kind, request) -> Store:
    """Return each kind of store."""
    return _store(kind, request)


@pytest.fixture(params=["sqlite", "duckdb", pytest.param("postgres", marks=pytest.mark.database)])
def durable(request) -> Store:
    """Return each kind of store that outlives its process."""
    return _store(request.param, request)


def _store(kind, request) -> Store:
    if kind == "postgres":
        return request.getfixturevalue("in_postgres")
    return {"memory": Memory(), "sqlite": SQL, "duckdb": DuckDB(SCHEMA)}[kind]


@pytest.fixture(scope="session")
def database(request) -> Iterator[Database]:
    """Return a database for all tests of views of this worker."""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "alone")
    made = new_database(f"views {worker}")
    yield made
    made.close()


@pytest.fixture
def in_postgres(database) -> Postgres:
    """Return a store for the counts in a database."""
    return Postgres(database.url, SCHEMA)


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
def view_of(store, name, kept) -> Callable[..., View]:
    """Return what makes a view of the counts, not begun, that ends with the test."""
    return lambda topic, **options: kept(count_in(store, name, topic, **options))


@pytest.fixture
def opened(store, tmp_path, name):
    """Return what a view has in it, begun."""
    opened = store.open(tmp_path / name)
    opened.begin()
    yield opened
    opened.end()
