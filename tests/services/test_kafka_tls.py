"""TLS by librdkafka's settings: what they mean, and which cannot be followed."""

import ssl

import pytest

from eventlab.errors import BrokerError
from eventlab.services.kafka_tls import tls_context, tls_settings, without_tls

PLAIN = {"bootstrap.servers": "a:1", "sasl.username": "ann"}


@pytest.mark.parametrize("protocol", [None, "plaintext", "SASL_PLAINTEXT"])
def test_a_client_without_tls_has_none(protocol):
    """And its settings stay as they are."""
    settings = PLAIN if protocol is None else PLAIN | {"security.protocol": protocol}
    assert tls_settings(settings) == {}
    assert tls_context({}) is None
    left = without_tls(settings)
    assert left["sasl.username"] == "ann"
    assert left.get("security.protocol", "PLAINTEXT") == (protocol or "plaintext").upper()


@pytest.mark.parametrize(
    ("protocol", "without"), [("ssl", "PLAINTEXT"), ("SASL_SSL", "SASL_PLAINTEXT")]
)
def test_tls_is_left_to_who_stands_before_the_broker(protocol, without):
    """The client itself needs none, and all else stays."""
    settings = PLAIN | {"security.protocol": protocol, "ssl.ca.location": "probe"}
    assert without_tls(settings) == PLAIN | {"security.protocol": without}
    found = tls_settings(settings)
    assert found == {"security.protocol": protocol.upper(), "ssl.ca.location": "probe"}
    context = tls_context(found)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


@pytest.mark.parametrize(
    ("setting", "value", "verifies"),
    [
        ("ssl.endpoint.identification.algorithm", "none", ssl.CERT_REQUIRED),
        ("enable.ssl.certificate.verification", "false", ssl.CERT_NONE),
    ],
)
def test_what_is_not_to_be_looked_at_is_not(setting, value, verifies):
    """The name in a certificate, or the certificate."""
    context = tls_context(tls_settings({"security.protocol": "ssl", setting: value}))
    assert (context.verify_mode, context.check_hostname) == (verifies, False)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("ssl.keystore.location", "mine.p12"),
        ("ssl.ca.location", "/no/such/file.pem"),
        ("ssl.ca.pem", "no certificate"),
        ("ssl.certificate.location", "/no/such/file.pem"),
    ],
)
def test_what_cannot_be_followed_is_one_error(setting, value):
    """It says what to do in place of it."""
    with pytest.raises(BrokerError, match="log_link=True") as caught:
        tls_settings({"security.protocol": "ssl", setting: value})
    assert caught.value.found
