"""The files that SIP over TLS stands on, and what is wrong with them.

Whoever starts the leg, the leg itself and `doctor` ask the same questions here.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PREFIX = "SWITCHBOARD_SIP_TLS_"
LISTEN, CERTIFICATE, KEY = f"{PREFIX}LISTEN", f"{PREFIX}CERTIFICATE", f"{PREFIX}KEY"
CLIENT_CA, CA = f"{PREFIX}CLIENT_CA", f"{PREFIX}CA"
NAMES = (LISTEN, CERTIFICATE, KEY, CLIENT_CA, CA)


class TlsFilesError(ValueError):
    """Settings or files that cannot be used; `problems` has a line for each of them."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class TlsFiles:
    """Each is the value of the setting of its name; empty where that is not set."""

    listen: str = ""
    certificate: str = ""
    """Also shown to whom we call, if they ask for one."""
    key: str = ""
    client_ca: str = ""
    """Who connects has to show a certificate of one of these."""
    ca: str = ""
    """Whom we believe when we connect; the system's where it is not set."""

    @classmethod
    def from_environment(cls, env: Mapping[str, str]) -> TlsFiles:
        return cls(*(env.get(name, "") for name in NAMES))

    def absolute(self) -> TlsFiles:
        """Files as they are called from any folder."""
        files = (self.certificate, self.key, self.client_ca, self.ca)
        return TlsFiles(self.listen, *(f and str(Path(f).expanduser().absolute()) for f in files))

    def to_environment(self) -> dict[str, str]:
        """Those that are set."""
        values = (self.listen, self.certificate, self.key, self.client_ca, self.ca)
        return {name: value for name, value in zip(NAMES, values, strict=True) if value}

    @property
    def address(self) -> tuple[str, int] | None:
        """Where to listen. Raises ValueError for what is no host:port."""
        if not self.listen:
            return None
        host, _, port = self.listen.rpartition(":")
        if not host or not (port.isascii() and port.isdigit()) or int(port) > 65535:
            raise ValueError("is not host:port")
        return host.strip("[]"), int(port)

    def problems(self) -> list[str]:
        """One line for each, with the setting, the reason and what to do."""
        return [*self._half_set(), *self._broken()]

    def server(self) -> ssl.SSLContext:
        """Raises OSError (ssl.SSLError is one) for files that cannot be used."""
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._harden(made)
        self._show(made)
        if self.client_ca:
            made.load_verify_locations(self.client_ca)
            made.verify_mode = ssl.CERT_REQUIRED
        return made

    def client(self) -> ssl.SSLContext:
        """Verifies the other side's certificate and name. Raises like `server`."""
        made = ssl.create_default_context(cafile=self.ca or None)
        self._harden(made)
        if self.certificate:
            self._show(made)
        return made

    def changed(self) -> tuple[tuple[int, int], ...]:
        """Another value once one of the files is another; raises nothing."""
        return tuple(map(_stamp, (self.certificate, self.key, self.client_ca, self.ca)))

    def _half_set(self) -> Iterator[str]:
        try:
            _ = self.address
        except ValueError as error:
            yield f"{LISTEN}={self.listen}: {error}; write for example 0.0.0.0:5061"
        if self.certificate and not self.key:
            yield f"{CERTIFICATE}={self.certificate}: it has no key; set {KEY} to its PEM file"
        if self.key and not self.certificate:
            yield f"{KEY}={self.key}: it has no certificate; set {CERTIFICATE} to its PEM file"
        if self.listen and not (self.certificate or self.key):
            yield (
                f"{LISTEN}={self.listen}: nobody can be answered without a certificate; "
                f"set {CERTIFICATE} and {KEY} to PEM files"
            )
        if self.client_ca and not self.listen:
            yield (
                f"{CLIENT_CA}={self.client_ca}: nobody is asked for a certificate where nothing "
                f"listens; set {LISTEN}, or leave it out"
            )

    def _broken(self) -> Iterator[str]:
        if self.certificate and self.key:
            name, value = f"{CERTIFICATE}={self.certificate}", "a certificate and its key as PEM"
            unread = [*_unreadable(CERTIFICATE, self.certificate), *_unreadable(KEY, self.key)]
            yield from unread or _fails(name, value, lambda: self._show(_empty()))
        for setting, file in ((CLIENT_CA, self.client_ca), (CA, self.ca)):
            if file:
                unread = list(_unreadable(setting, file))
                made, wanted = f"{setting}={file}", "certificates as PEM"
                yield from unread or _fails(made, wanted, _loads(file))

    def _show(self, context: ssl.SSLContext) -> None:
        context.load_cert_chain(self.certificate, self.key, password=_no_password)

    @staticmethod
    def _harden(context: ssl.SSLContext) -> None:
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION


def _no_password() -> str:
    """Or OpenSSL would ask for it at the terminal, and wait."""
    raise OSError("the key is locked with a password")


def _empty() -> ssl.SSLContext:
    return ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)


def _loads(file: str) -> Callable[[], None]:
    return lambda: _empty().load_verify_locations(file)


def _unreadable(setting: str, file: str) -> Iterator[str]:
    try:
        Path(file).read_bytes()
    except OSError as error:
        yield f"{setting}={file}: {error.strerror}; name a PEM file that this user may read"


def _fails(what: str, wanted: str, load: Callable[[], None]) -> Iterator[str]:
    try:
        load()
    except (OSError, ValueError) as error:
        yield f"{what}: {_plainly(error)}; it has to be {wanted}"


def _plainly(error: Exception) -> str:
    reason = getattr(error, "reason", None) or str(error)
    if reason == "KEY_VALUES_MISMATCH":
        return "the key belongs to another certificate"
    return f"it cannot be read ({reason})"


def _stamp(file: str) -> tuple[int, int]:
    """When it was written, and which file it is: one that is moved there may be older."""
    try:
        found = Path(file).stat() if file else None
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_ino) if found else (0, 0)
