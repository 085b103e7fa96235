"""TLS inside a connection: bytes in, bytes out, so that the guard sees all that is read."""

from __future__ import annotations

import contextlib
import ssl

import structlog

from dialplans.process.tls_files import TlsFiles, TlsFilesError

log = structlog.get_logger()

PLAIN_AT_ONCE = 16 * 1024
"""The most that one TLS record holds."""


class TlsError(ValueError):
    """The other side does not speak TLS, or is not whom it has to be; the text says which."""


class Certificates:
    """Contexts of the files as they are now: each new connection looks whether they have changed.

    Files that are there but cannot be used change nothing: the ones of before go on.
    """

    def __init__(self, files: TlsFiles) -> None:
        """Raises TlsFilesError."""
        problems = files.problems()
        if problems:
            raise TlsFilesError(problems)
        self.files = files
        self._stamp = files.changed()
        self._server = files.server() if files.listen else None
        self._client = files.client()

    def accept(self) -> Session:
        """For a connection that came to us."""
        self._look()
        assert self._server is not None
        return Session(self._server)

    def call(self, name: str) -> Session:
        """For a connection of ours to `name`, which its certificate has to have; it may be an
        address."""
        self._look()
        return Session(self._client, name)

    def _look(self) -> None:
        stamp = self.files.changed()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            server = self.files.server() if self.files.listen else None
            client = self.files.client()
        except OSError as error:
            hint = "the certificates of before stay in use until the files are whole again"
            log.error("sip.tls_files_unusable", problems=self.files.problems(), hint=hint)
            log.debug("sip.tls_files_unusable", error=str(error))
            return
        self._server, self._client = server, client
        log.info("sip.tls_files_read", certificate=self.files.certificate)


class Session:
    """One connection's. Server side unless it has the `name` of the other."""

    def __init__(self, context: ssl.SSLContext, name: str = "") -> None:
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._object = context.wrap_bio(
            self._in, self._out, server_side=not name, server_hostname=name or None
        )
        self.ready = False
        """Whether both sides have shown what they must."""
        self.ended = False
        """Whether the other side has said goodbye."""

    def begin(self) -> None:
        """What the caller says first; `pending` has it."""
        self._shake()

    def receive(self, data: bytes | memoryview) -> bytes:
        """The plain bytes in what came. Raises TlsError; what `pending` has then tells the other
        side why."""
        self._in.write(data)
        if not self.ready:
            self._shake()
        found = bytearray()
        while self.ready:
            try:
                more = self._object.read(PLAIN_AT_ONCE)
            except ssl.SSLWantReadError:
                break
            except ssl.SSLError as error:
                raise TlsError(_why(error)) from error
            if not more:
                self.ended = True
                break
            found += more
        return bytes(found)

    def send(self, data: bytes) -> None:
        """Encrypt; `pending` has it. What is said before the handshake has ended is lost."""
        if self.ready and data:
            with contextlib.suppress(ssl.SSLError):
                self._object.write(data)

    def close(self) -> None:
        """Say goodbye; whether it is answered does not matter."""
        if self.ready:
            with contextlib.suppress(ssl.SSLError):
                self._object.unwrap()

    def pending(self) -> bytes:
        """What has to be written to the other side now."""
        return self._out.read()

    def _shake(self) -> None:
        try:
            self._object.do_handshake()
        except ssl.SSLWantReadError:
            return
        except ssl.SSLError as error:
            raise TlsError(_why(error)) from error
        self.ready = True


def _why(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not believed: {error.verify_message}"
    return f"TLS: {error.reason or error}"
