"""A self-signed certificate made on the spot, so that phones give the page a key and their place."""

import ipaddress
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

#: Phones refuse certificates that live longer (Apple's limit for TLS servers is 825 days).
LIFETIME = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    """Where the certificate and its private key lie, both PEM."""

    certificate: Path
    key: Path


def make_certificate(folder: Path, addresses: list[str], now: datetime) -> CertificateFiles:
    """Write a certificate for ``localhost`` and the given IP addresses.

    Parameters
    ----------
    folder : Path
        Where ``demo-certificate.pem`` and ``demo-key.pem`` (mode 0600) are written; made when absent.
    addresses : list of str
        IP addresses to name besides ``localhost``.
    now : datetime
        Aware; the certificate is valid from an hour before until 90 days after.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "stamp demo")])
    names: list[x509.GeneralName] = [x509.DNSName("localhost")]
    names += [x509.IPAddress(ipaddress.ip_address(address)) for address in addresses]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    files = CertificateFiles(folder / "demo-certificate.pem", folder / "demo-key.pem")
    files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    with open(os.open(files.key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:  # noqa: PTH123 (mode at creation)
        out.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
    return files
