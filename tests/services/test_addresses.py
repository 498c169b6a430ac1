"""Addresses of brokers as people write them."""

import pytest

from eventlab.errors import UsageError
from eventlab.services.addresses import Address, addresses


@pytest.mark.parametrize(
    ("servers", "expected"),
    [
        ("127.0.0.1:9", [Address("127.0.0.1", 9)]),
        ("a:1, b:2,", [Address("a", 1), Address("b", 2)]),
        ("kafka", [Address("kafka", 9092)]),
        ("SASL_SSL://kafka.example:9093", [Address("kafka.example", 9093)]),
        ("[::1]:9", [Address("::1", 9)]),
        ("", []),
    ],
)
def test_what_librdkafka_takes_is_taken(servers, expected):
    """One or several, with a protocol or without, also where the port is left out."""
    assert addresses(servers) == expected


@pytest.mark.parametrize("servers", ["a:b", "a:1,:2", "a:70000", "http://"])
def test_what_is_no_address_is_refused(servers):
    """With all that was given."""
    with pytest.raises(UsageError) as caught:
        addresses(servers)
    assert caught.value.found == repr(servers)
