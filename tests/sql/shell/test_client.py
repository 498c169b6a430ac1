import pytest

from eventlab.errors import ServiceError
from eventlab.sql.shell.client import Client, Refused

pytestmark = pytest.mark.broker


def test_a_session_has_its_own_variables_and_properties(url, create):
    """They go with each request."""
    name, statement = create
    client = Client(url)
    client.run(statement)
    client.variables["x"] = name
    client.properties["auto.offset.reset"] = "latest"
    (described, properties) = client.run("DESCRIBE ${x}; SHOW PROPERTIES;")
    assert described["sourceDescription"]["name"] == name.upper()
    assert properties["overwrittenProperties"] == ["auto.offset.reset"]


def test_rows_come_one_by_one(url, create):
    """Behind the header."""
    name, statement = create
    client = Client(url)
    client.run(f"{statement} INSERT INTO {name} VALUES ('a', 1);")
    header, row = client.rows(f"SELECT * FROM {name} EMIT CHANGES LIMIT 1;")
    assert header["columnNames"] == ["K", "N"]
    assert row == ["a", 1]


def test_what_is_refused_has_its_place(url):
    """Line and column, where the server says them."""
    with pytest.raises(Refused, match="NOTHING") as refused:
        next(Client(url).rows("SELECT *\nFROM nothing EMIT CHANGES;"))
    assert refused.value.position == (2, 6)


def test_where_one_is_gone_another_is_asked(url):
    """From then on."""
    client = Client("http://127.0.0.1:1", lambda: ["http://127.0.0.1:9", url])
    assert client.run("SHOW TYPES;")[0]["@type"] == "type_list"
    assert client.url == url


def test_where_no_server_is_it_says_so():
    """With what to do."""
    client = Client("http://127.0.0.1:1")
    assert not client.is_there()
    with pytest.raises(ServiceError, match="eventlab sql server"):
        client.run("SHOW STREAMS;")


def test_a_server_is_recognised(url):
    """Another program may have got its port."""
    assert Client(url).is_there()
