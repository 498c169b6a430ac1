"""Certificates that a test makes with the keytool of the Java that runs Kafka."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from eventlab.broker.java import find_java, java_environment

PASSWORD = "for-a-test"
_ALIAS = "kafka"


@dataclass(frozen=True)
class Certificate:
    """A key with its certificate for this machine, as Kafka takes it, and as its clients do."""

    store: Path
    pem: Path


def made(folder: Path, name: str) -> Certificate:
    """Return a new certificate of that name, which is its own authority."""
    certificate = Certificate(folder / f"{name}.p12", folder / f"{name}.pem")
    key = ["-keyalg", "EC", "-dname", f"CN={name}", "-ext", "san=ip:127.0.0.1,dns:localhost"]
    _keytool(certificate, "-genkeypair", *key, "-storetype", "PKCS12")
    _keytool(certificate, "-exportcert", "-rfc", "-file", str(certificate.pem))
    return certificate


def _keytool(certificate: Certificate, *arguments: str) -> None:
    store = ["-keystore", str(certificate.store), "-storepass", PASSWORD, "-alias", _ALIAS]
    subprocess.run(
        [str(Path(find_java().path).with_name("keytool")), *arguments, *store],
        env=java_environment(),
        check=True,
        capture_output=True,
    )
