"""A server of the learner's own: used, never started or ended, and wrong ones named."""

import socket

import pytest

from eventlab.database import new_database
from eventlab.database.external import ExternalServer
from eventlab.database.urls import VARIABLE, with_database
from eventlab.errors import DatabaseError, UsageError

pytestmark = pytest.mark.database


@pytest.fixture
def base_url(database, monkeypatch, tmp_path):
    """Return the URL of a server that runs, which the environment names; the home has none."""
    monkeypatch.setenv("EVENTLAB_HOME", str(tmp_path))
    monkeypatch.setenv(VARIABLE, database.url)
    return database.url


def _of(url: str, user: str) -> str:
    """Return the URL of the same server for another user."""
    return url.replace(url.partition("//")[2].partition("@")[0], f"{user}:{user}")


def test_a_database_of_its_own_is_made_there(base_url, tmp_path):
    """A lab has its own database beside the learner's, and nothing is started for it."""
    made = new_database("ch07.main")
    made.sql("create table orders (id int)")
    assert made.external
    assert made.state == "running"
    assert made.url == with_database(base_url, "ch07_main")
    again = new_database("ch07.main")
    assert again.sql("select * from pg_tables where schemaname = 'public'").empty
    assert list(tmp_path.iterdir()) == []
    again.close()
    made.close()


@pytest.mark.parametrize("command", ["stop", "kill", "suspend", "resume"])
def test_it_is_not_ours_to_end(base_url, command):
    """What would end or freeze somebody else's server is refused."""
    made = new_database("ch07.main")
    with pytest.raises(DatabaseError, match=f"from here.*Unset {VARIABLE}"):
        getattr(made, command)()
    made.start()
    assert made.pid is None
    made.close()


def test_who_may_make_no_database_gets_a_schema(base_url, database, monkeypatch):
    """Names without a schema are looked up in it, and it is made anew too."""
    database.sql("create role ann login password 'ann'")
    database.sql(f"grant create on database {database.name} to ann")
    monkeypatch.setenv(VARIABLE, _of(base_url, "ann"))
    for _ in range(2):
        made = new_database("ch07.main")
        made.sql("create table orders (id int)")
        found = made.sql("select schemaname from pg_tables where tablename = 'orders'")
        assert found["schemaname"].tolist() == ["ch07_main"]
        made.close()
    database.sql("drop schema ch07_main cascade")
    database.sql(f"revoke create on database {database.name} from ann")
    database.sql("drop role ann")


def test_who_may_make_neither_is_told_which_right_is_missing(base_url, database, monkeypatch):
    """One error names the rights, and no password."""
    database.sql("create role bob login password 'secret'")
    monkeypatch.setenv(VARIABLE, _of(base_url, "bob").replace("bob:bob", "bob:secret"))
    with pytest.raises(DatabaseError, match=r"CREATEDB.*Grant one") as caught:
        new_database("ch07.main")
    assert "secret" not in str(caught.value)
    database.sql("drop role bob")


def test_a_wrong_password_is_one_error(base_url, monkeypatch):
    """The error says which server was asked, and what it said."""
    monkeypatch.setenv(VARIABLE, _of(base_url, "nobody"))
    with pytest.raises(DatabaseError, match=r"did not let us in.*authentication failed"):
        new_database("ch07.main")


def test_a_server_that_is_not_there_is_one_error(base_url, monkeypatch):
    """Nothing is started in its place, and its state is lost."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = f"postgresql://ann:secret@127.0.0.1:{port}/shop"
    monkeypatch.setenv(VARIABLE, url)
    with pytest.raises(DatabaseError, match=r"did not let us in.*refused") as caught:
        new_database("ch07.main")
    assert "secret" not in str(caught.value)
    seat = ExternalServer(url)
    assert seat.state == "lost"
    assert "refused" in seat.reason
    with pytest.raises(DatabaseError, match="refused"):
        seat.start()
    seat.close()


@pytest.mark.parametrize("url", ["127.0.0.1:5432", "http://127.0.0.1", "postgresql:shop", "shop"])
def test_what_is_no_url_of_a_server_is_one_error(base_url, monkeypatch, url):
    """The error shows what one looks like."""
    monkeypatch.setenv(VARIABLE, url)
    with pytest.raises(UsageError, match=r"not the URL.*postgresql://user"):
        new_database("ch07.main")


@pytest.mark.parametrize("rest", ["/shop?nonsense=1", ":port/shop"])
def test_an_option_that_nobody_knows_is_one_error(base_url, monkeypatch, rest):
    """What psycopg cannot make anything of is no traceback."""
    monkeypatch.setenv(VARIABLE, f"postgresql://ann@127.0.0.1{rest}")
    with pytest.raises(DatabaseError, match="did not let us in"):
        new_database("ch07.main")
