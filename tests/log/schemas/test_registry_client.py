"""Asking a schema registry."""

import pickle
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from eventlab.errors import CallError, ContractError, UsageError
from eventlab.log.schemas.avro_schema import parsed
from eventlab.log.schemas.registry_client import (
    VARIABLE,
    RegistryClient,
    external_url,
    without_password,
)
from tests.log.schemas.made import CENTS, CUSTOMER, field, record

ONE = parsed(record(CENTS))
TWO = parsed(record(CENTS, field("string", "note", default="")))


@pytest.mark.parametrize("url", ["", "localhost:8081", "ftp://a", "http://"])
def test_what_is_no_url_is_refused(url):
    """Before anything is asked."""
    with pytest.raises(UsageError, match="not the URL of a schema registry"):
        RegistryClient(url)


def test_the_environment_names_somebody_else_s(monkeypatch):
    """By a URL; empty is none."""
    monkeypatch.setenv(VARIABLE, "http://127.0.0.1:8081")
    assert external_url() == "http://127.0.0.1:8081"
    monkeypatch.setenv(VARIABLE, "")
    assert external_url() is None


def test_a_password_is_never_shown():
    """Neither in its name nor in its errors."""
    url = "http://ann:secret@127.0.0.1:1"
    assert without_password(url) == "http://ann:…@127.0.0.1:1"
    assert "secret" not in repr(RegistryClient(url))
    with pytest.raises(CallError) as caught:
        RegistryClient(url).subjects()
    assert "secret" not in str(caught.value)


def test_one_that_is_not_there_is_said():
    """In one error, after a few tries."""
    with pytest.raises(CallError, match=r"127.0.0.1:1 did not name its subjects") as caught:
        RegistryClient("http://127.0.0.1:1").subjects()
    assert caught.value.reason == "refused"
    assert "EVENTLAB_SCHEMA_REGISTRY" in caught.value.remedy


def test_one_that_never_answers_is_given_up(monkeypatch):
    """A port that takes connections and says nothing."""
    monkeypatch.setattr(
        "eventlab.log.schemas.registry_client._SETTINGS", {"timeout": 0.05, "max.retries": 0}
    )
    with socket.create_server(("127.0.0.1", 0)) as mute:
        client = RegistryClient(f"http://127.0.0.1:{mute.getsockname()[1]}")
        with pytest.raises(CallError) as caught:
            client.subjects()
    assert caught.value.reason == "timeout"


@pytest.mark.parametrize("body", [b"<html>", b"5", b"null"])
def test_a_server_of_something_else_is_no_registry(body):
    """It answers, and not what a registry would."""
    with canned(body) as url, pytest.raises(CallError, match="no registry's") as caught:
        RegistryClient(url).version("a-value")
    assert caught.value.reason == "answer"


def test_it_goes_to_another_process():
    """Without its connection."""
    client = RegistryClient("http://127.0.0.1:1")
    assert pickle.loads(pickle.dumps(client)).url == client.url


@pytest.mark.broker
def test_it_registers_and_finds(registry_url):
    """Versions, ids, levels and subjects."""
    client = RegistryClient(registry_url)
    one = client.register("a-value", ONE)
    two = client.register("a-value", TWO)
    assert [(one.version, one.id), (two.version, two.id)] == [(1, 1), (2, 2)]
    assert client.register("a-value", ONE) == one
    assert client.version("a-value") == two
    assert client.version("a-value", 1) == one
    three = client.register("a-value", parsed(record()))
    assert client.version("a-value") == three
    assert client.schema(2).canonical == TWO.canonical
    assert (client.version_of(2, "a-value"), client.version_of(2, "b-value")) == (2, None)
    assert client.level("a-value") == "BACKWARD"
    client.set_level("a-value", "FULL")
    assert client.level("a-value") == "FULL"
    assert (client.subjects("a"), client.subjects("x")) == (["a-value"], [])
    assert client.versions("a-value") == [1, 2, 3]
    client.forget("a-value")
    assert client.subjects() == []


@pytest.mark.broker
def test_what_the_registry_refuses_is_said_in_plain_words(registry_url):
    """Each reason, or what it does not know."""
    client = RegistryClient(registry_url)
    client.register("a-value", ONE)
    with pytest.raises(ContractError, match=r"breaks the contract.*customer has no default"):
        client.register("a-value", parsed(record(CENTS, CUSTOMER)))
    with pytest.raises(ContractError, match=r"find version 9 of a-value.*40402"):
        client.version("a-value", 9)
    with pytest.raises(ContractError, match=r"find version latest of b-value.*40401"):
        client.version("b-value")
    with pytest.raises(ContractError, match=r"find the schema 9.*40403"):
        client.schema(9)
    with pytest.raises(ContractError, match=r"find the versions of the schema 9"):
        client.version_of(9, "a-value")


@contextmanager
def canned(body: bytes) -> Iterator[str]:
    """Serve one answer to whatever is asked, and give the URL."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
