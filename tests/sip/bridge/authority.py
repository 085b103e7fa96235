"""Certificates of a test's own authority, as the PEM files that the settings name."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


class Authority:
    """Signs whatever a test wants; `folder` holds its files."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._subject = _named(name)
        usage = x509.BasicConstraints(ca=True, path_length=None)
        self._own = self._sign(self._subject, self._key, usage)
        self.file = str(folder / f"{name}.ca.pem")
        Path(self.file).write_bytes(self._own.public_bytes(Encoding.PEM))

    def issue(self, file: str, *hosts: str, password: str = "", days: int = 1) -> tuple[str, str]:
        """A certificate for these hosts and its key: two files, named after `file`."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([_general(host) for host in hosts])
        made = self._sign(_named(file), key, names, days=days)
        lock = BestAvailableEncryption(password.encode()) if password else NoEncryption()
        certificate, private = self.folder / f"{file}.pem", self.folder / f"{file}.key.pem"
        certificate.write_bytes(made.public_bytes(Encoding.PEM))
        private.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption_algorithm=lock)
        )
        return str(certificate), str(private)

    def client(self, *shows: str) -> ssl.SSLContext:
        """Of a telephone that believes this authority, and shows a certificate if it has one."""
        made = ssl.create_default_context(cafile=self.file)
        if shows:
            made.load_cert_chain(*shows)
        return made

    def _sign(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        extension: x509.ExtensionType,
        days: int = 1,
    ) -> x509.Certificate:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - 2 * DAY)
            .not_valid_after(now + days * DAY)
            .add_extension(extension, critical=False)
            .sign(self._key, hashes.SHA256())
        )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _general(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
