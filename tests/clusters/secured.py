"""A Kafka that asks who comes: a listener with TLS, one with SASL, and one with both."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.clusters.certificates import PASSWORD, Certificate, made
from tests.clusters.launching import Listener, running
from tests.clusters.releases import OURS

USER, SECRET = "ann", "correct-horse"
_MECHANISM = "SCRAM-SHA-512"
_LOGIN = "org.apache.kafka.common.security.scram.ScramLoginModule required;"


@dataclass(frozen=True)
class Secured:
    """Its addresses, the certificate that it shows, and one that it does not."""

    plain: str
    addresses: dict[str, str]
    certificate: Certificate
    foreign: Certificate

    def properties(self, protocol: str, **changed: str) -> str:
        """Return what its user writes to the file of settings, some of it `changed`."""
        settings = {"bootstrap.servers": self.addresses[protocol], "security.protocol": protocol}
        if "SSL" in protocol:
            settings["ssl.ca.location"] = str(self.certificate.pem)
        if "SASL" in protocol:
            settings |= {"sasl.mechanisms": _MECHANISM}
            settings |= {"sasl.username": USER, "sasl.password": SECRET}
        settings |= {name.replace("_", "."): value for name, value in changed.items()}
        return "".join(f"{key}={value}\n" for key, value in settings.items())


@contextmanager
def secured(folder: Path) -> Iterator[Secured]:
    """Run it in `folder`."""
    listeners = [Listener(protocol, protocol) for protocol in ("SSL", "SASL_PLAINTEXT", "SASL_SSL")]
    addresses = {one.protocol: one.address for one in listeners}
    certificate = made(folder, "own")
    account = ["--add-scram", f"{_MECHANISM}=[name={USER},password={SECRET}]"]
    with running(OURS, folder, listeners, _settings(certificate), account) as plain:
        yield Secured(plain, addresses, certificate, made(folder, "foreign"))


def _settings(certificate: Certificate) -> dict[str, str]:
    login = "{}.scram-sha-512.sasl.jaas.config"
    return {
        "ssl.keystore.type": "PKCS12",
        "ssl.keystore.location": str(certificate.store),
        "ssl.keystore.password": PASSWORD,
        "sasl.enabled.mechanisms": _MECHANISM,
        login.format("listener.name.sasl_plaintext"): _LOGIN,
        login.format("listener.name.sasl_ssl"): _LOGIN,
    }
