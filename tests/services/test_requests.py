import pytest

from eventlab.errors import UsageError
from eventlab.events import Order, Shop, decode
from eventlab.services.requests import sent


def test_without_a_body_it_is_a_get():
    """With one it is a POST, and says that it is JSON; another method is one's own choice."""
    assert sent("/", None, None) == ("GET", "/", None)
    assert sent("/", None, None).headers == {}
    assert sent("/", [1], None) == ("POST", "/", b"[1]")
    assert sent("/", [1], None).headers == {"Content-Type": "application/json"}
    assert sent("/", [1], "PUT").method == "PUT"


def test_a_path_may_have_any_letters():
    """They are written as the wire has them; what divides it stays."""
    assert sent("/a b/é?c=1&d=%20#", None, None).path == "/a%20b/%C3%A9?c=1&d=%20%23"


def test_a_body_may_be_an_event():
    """As it is written to the log."""
    order = next(iter(Shop(seed=1).orders()))
    assert decode(sent("/", order, None).body, Order) == order


@pytest.mark.parametrize("path", ["", "orders", " /", "/" + "é" * 5_000])
def test_a_path_that_is_none_is_refused(path):
    """It begins with a slash, and is no book."""
    with pytest.raises(UsageError, match="no path of a service"):
        sent(path, None, None)


@pytest.mark.parametrize("method", ["get", "GET /", "G\r\n", "X" * 30])
def test_a_method_that_is_none_is_refused(method):
    """Nothing can be put into the request by it."""
    with pytest.raises(UsageError, match="no method of HTTP"):
        sent("/", None, method)


def _endless() -> list:
    one: list = []
    one.append(one)
    return one


@pytest.mark.parametrize("json", [object(), {1: {object()}}, _endless(), "\ud800"], ids=type)
def test_a_body_that_has_no_form_in_json_is_refused(json):
    """With what it is, and what would be taken."""
    with pytest.raises(UsageError, match="cannot be written as JSON"):
        sent("/", json, None)
