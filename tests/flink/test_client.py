"""The gateway over HTTP: one that answers in this process, and one that does not."""

import json
from contextlib import closing
from urllib.request import urlopen

import pytest

from eventlab.errors import ServiceError, SqlError
from eventlab.flink.client import Client, Column

pytestmark = pytest.mark.processes


def _lost(reason: str) -> ServiceError:
    return ServiceError("gone", expected="an answer", found=reason, remedy="Start it.")


@pytest.fixture
def client(served):
    """A client with a session."""
    client = Client(served, _lost)
    client.open_session()
    return client


def asked(served):
    """What the gateway was asked."""
    with urlopen(f"{served}/asked") as answer:
        return json.load(answer)


def test_a_result_comes_page_by_page(client, served):
    """One that is not ready is empty; at its end the operation is closed."""
    pages = list(client.pages("SELECT 1"))
    assert [page.changes for page in pages] == [[], [], [("INSERT", (1,))], []]
    assert pages[2].columns == [Column("n", "BIGINT")]
    assert pages[2].is_query
    assert [page.is_last for page in pages] == [False, False, False, True]
    assert asked(served) == ["SELECT 1", "closed 0"]


def test_closed_before_its_end_it_ends_the_statement(client, served):
    """A query that goes on would go on for ever."""
    with closing(client.pages("SELECT for_ever")) as pages:
        assert next(pages).changes == [("INSERT", (0,)), ("INSERT", (1,))]
        assert next(pages).changes == [("INSERT", (2,)), ("INSERT", (3,))]
    assert asked(served) == ["SELECT for_ever", "closed 0"]


def test_a_mistake_is_one_error(client, served):
    """With the statement, and its operation closed."""
    with pytest.raises(SqlError, match="Column 'nix' not found") as caught:
        list(client.pages("SELECT nix"))
    assert caught.value.text == "SELECT nix"
    assert asked(served) == ["SELECT nix", "closed 0"]


def test_an_answer_without_json_is_one_error(client):
    """Another program may have the port."""
    with pytest.raises(ServiceError, match="status 200 and no JSON"):
        list(client.pages("SELECT no_json"))


def test_nobody_there_is_one_error():
    """What makes the error knows more than the connection."""
    client = Client("http://127.0.0.1:1", _lost)
    with pytest.raises(ServiceError, match=r"gone: expected an answer, found .*refused"):
        client.open_session()
