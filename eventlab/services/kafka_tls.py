"""TLS to a broker by the settings that librdkafka has for it, for who stands between the two."""

import ssl
from collections.abc import Mapping
from typing import Any

from eventlab.errors import BrokerError

_WITHOUT_TLS = {"SSL": "PLAINTEXT", "SASL_SSL": "SASL_PLAINTEXT"}
_KNOWN = {
    "ssl.ca.location",
    "ssl.ca.pem",
    "ssl.certificate.location",
    "ssl.key.location",
    "ssl.key.password",
    "ssl.endpoint.identification.algorithm",
    "enable.ssl.certificate.verification",
}


def tls_settings(settings: Mapping[str, Any]) -> dict[str, str]:
    """Return those of a client's settings that say how its TLS is; {} for a client without.

    Raises BrokerError for those that cannot be followed here. Source: librdkafka, CONFIGURATION.md.
    """
    if _protocol(settings) not in _WITHOUT_TLS:
        return {}
    found = {name: str(value) for name, value in settings.items() if "ssl." in name}
    unknown = sorted(found.keys() - _KNOWN)
    if unknown:
        raise _not_broken(f"settings among {', '.join(sorted(_KNOWN))}", ", ".join(unknown))
    with_protocol = {"security.protocol": _protocol(settings)} | found
    tls_context(with_protocol)  # where files cannot be read, this is the place to say so
    return with_protocol


def without_tls(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a client that leaves TLS to whoever stands before the broker."""
    left = {name: value for name, value in settings.items() if "ssl." not in name}
    if "security.protocol" in left:
        protocol = _protocol(settings)
        left["security.protocol"] = _WITHOUT_TLS.get(protocol, protocol)
    return left


def tls_context(settings: Mapping[str, str]) -> ssl.SSLContext | None:
    """Return what connections are made with, None for those without TLS.

    Raises BrokerError where the files that are named are no certificates.
    """
    if not settings:
        return None
    try:
        context = _trusting(settings)
        certificate = settings.get("ssl.certificate.location")
        if certificate:
            key = settings.get("ssl.key.location")
            context.load_cert_chain(certificate, key, settings.get("ssl.key.password", ""))
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise _not_broken("files with certificates and keys in PEM", str(error)) from None
    return context


def _trusting(settings: Mapping[str, str]) -> ssl.SSLContext:
    authorities = settings.get("ssl.ca.location")
    context = ssl.create_default_context(
        cafile=None if authorities == "probe" else authorities, cadata=settings.get("ssl.ca.pem")
    )
    if settings.get("ssl.endpoint.identification.algorithm", "https") == "none":
        context.check_hostname = False
    if settings.get("enable.ssl.certificate.verification", "true") == "false":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _protocol(settings: Mapping[str, Any]) -> str:
    return str(settings.get("security.protocol", "plaintext")).upper()


def _not_broken(expected: str, found: str) -> BrokerError:
    return BrokerError(
        "The way to this log cannot be broken: its TLS cannot be followed",
        expected=expected,
        found=found,
        remedy="Change the settings of your cluster, or start the service without log_link=True.",
    )
