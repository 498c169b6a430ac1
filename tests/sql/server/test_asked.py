import pytest
from starlette.requests import Request

from eventlab.sql.server.asked import body_of, chosen_kind, map_in, patterns_in, text_in
from eventlab.sql.server.refusals import Refusal
from tests.looping import run as run_loop


def request(body=b"", accept=None):
    """Return a request."""

    async def receive():
        return {"type": "http.request", "body": body}

    headers = [] if accept is None else [(b"accept", accept.encode())]
    return Request({"type": "http", "headers": headers}, receive)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, "a/one"),
        ("*/*", "a/one"),
        ("text/html, a/two;q=0.9", "a/two"),
        ("application/*", "a/one"),
    ],
)
def test_the_first_kind_that_a_client_takes_is_chosen(accept, expected):
    """And the usual one where it takes all."""
    assert chosen_kind(request(accept=accept), ["a/one", "a/two"]) == expected


def test_a_client_that_takes_none_is_refused():
    """With what there is."""
    with pytest.raises(Refusal, match="a/one") as refused:
        chosen_kind(request(accept="text/html"), ["a/one"])
    assert refused.value.status == 406


def test_a_body_is_a_json_object():
    """Anything else is refused."""
    assert run_loop(body_of(request(b'{"a": 1}'))) == {"a": 1}
    for body in (b"", b"[]", b"\xff"):
        with pytest.raises(Refusal, match="no JSON"):
            run_loop(body_of(request(body)))


def test_patterns_are_a_list():
    """There may be none."""
    assert [one.pattern for one in patterns_in({"a": ["x.*"]}, "a")] == ["x.*"]
    assert patterns_in({}, "a") == []
    for wrong in ([1], ["("], 5):
        with pytest.raises(Refusal, match="no list of patterns"):
            patterns_in({"a": wrong}, "a")


def test_what_is_needed_has_its_type():
    """A map may be left out."""
    assert text_in({"a": "b"}, "a") == "b"
    assert map_in({}, "a") == {}
    with pytest.raises(Refusal, match='no text under "a"'):
        text_in({"a": 1}, "a")
    with pytest.raises(Refusal, match='"a" is no JSON object'):
        map_in({"a": [1]}, "a")
