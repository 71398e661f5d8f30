"""TLS 1.3 on the accepting side, which says to whom it refuses why.

asyncio's own closes a connection whose handshake fails without sending the alert that
OpenSSL made, and tells nobody of the failure: a node would not know that it is not
trusted, nor a hub whom it turned away (RFC 8446, 6.2).
"""

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from typing import Any, Final, Protocol, cast, override

_READ_OCTETS: Final = 256 * 1024
# For who is refused to read why, before the connection is cut
_LINGER_SECONDS: Final = 2.0


class HandshakeOwner(Protocol):
    """Who is told how handshakes end."""

    def shaken(self, tls: AcceptedTls) -> asyncio.Protocol:
        """Return who speaks over a connection whose certificate is trusted."""

    def failed(self, tls: AcceptedTls, error: OSError) -> None:
        """Take note of a connection that is refused."""

    def lost(self, tls: AcceptedTls) -> None:
        """Take note of the end, whatever was before."""


class AcceptedTls(asyncio.Protocol):
    """TLS between a connection that somebody opened and who speaks over it."""

    def __init__(
        self, owner: HandshakeOwner, opened: Callable[[AcceptedTls], None]
    ) -> None:
        """Take whom to tell; opened: asks for begin, at once or later."""
        self._owner = owner
        self._opened = opened
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._object: ssl.SSLObject | None = None
        self._inner: asyncio.Protocol | None = None
        self._failed = False
        self._cut: asyncio.TimerHandle | None = None
        self.writable: Callable[[bool], None] | None = None
        self.transport: asyncio.Transport = _NOWHERE
        self.address = ""

    @property
    def is_shaken(self) -> bool:
        """Return whether the other side's certificate is trusted."""
        return self._inner is not None

    def begin(self, context: ssl.SSLContext) -> None:
        """Shake hands."""
        self._object = context.wrap_bio(
            self._incoming, self._outgoing, server_side=True
        )
        self.transport.resume_reading()

    def fail(self, error: OSError) -> None:
        """Give up a handshake."""
        if self._failed or self.is_shaken:
            return
        self._failed = True
        self._owner.failed(self, error)
        self._flush()
        if isinstance(error, ssl.SSLError):
            self._linger()
        else:
            self.transport.abort()

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Encrypt and send."""
        if self._object is None or self.transport.is_closing():
            return
        try:
            left = memoryview(data)
            while left:
                left = left[self._object.write(left) :]
        except ssl.SSLError:
            self.transport.abort()
            return
        self._flush()

    def close(self) -> None:
        """Say goodbye and close when all of it is sent."""
        if self.transport.is_closing():
            return
        if self._object is not None:
            # The other side's goodbye is not waited for
            with contextlib.suppress(ssl.SSLError):
                self._object.unwrap()
            self._flush()
        self.transport.close()

    def object(self) -> ssl.SSLObject | None:
        """Return what knows the certificate of the other side."""
        return self._object

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.pause_reading()
        peer = transport.get_extra_info("peername") or ("",)
        self.address = str(peer[0])
        self._opened(self)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self._cut is not None:
            self._cut.cancel()
        self._owner.lost(self)
        if self._inner is not None:
            self._inner.connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        if self._object is None or self._failed:
            return
        self._incoming.write(data)
        if self._inner is None:
            self._shake(self._object)
        if self._inner is not None:
            self._read(self._object, self._inner)

    @override
    def eof_received(self) -> bool | None:
        if self._inner is None:
            self.fail(ConnectionResetError())
            return None
        return self._inner.eof_received()

    @override
    def pause_writing(self) -> None:
        self._tell_writable(False)

    @override
    def resume_writing(self) -> None:
        self._tell_writable(True)

    def _tell_writable(self, is_writable: bool) -> None:
        if self._inner is not None:
            if is_writable:
                self._inner.resume_writing()
            else:
                self._inner.pause_writing()
        if self.writable is not None:
            self.writable(is_writable)

    def _linger(self) -> None:
        """Close what is sent; an early end of the rest would be a reset of the alert."""
        try:
            self.transport.write_eof()
        except OSError:
            self.transport.abort()  # it is gone already
            return
        loop = asyncio.get_running_loop()
        self._cut = loop.call_later(_LINGER_SECONDS, self.transport.abort)

    def _shake(self, tls: ssl.SSLObject) -> None:
        try:
            tls.do_handshake()
        except ssl.SSLWantReadError:
            self._flush()
            return
        except ssl.SSLError as err:
            self.fail(err)
            return
        self._flush()
        self._inner = self._owner.shaken(self)
        self._inner.connection_made(TlsTransport(self))

    def _read(self, tls: ssl.SSLObject, inner: asyncio.Protocol) -> None:
        chunks: list[bytes] = []
        ended = False
        try:
            while chunk := tls.read(_READ_OCTETS):
                chunks.append(chunk)
            ended = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:
            self.transport.abort()
            return
        self._flush()
        if chunks:
            inner.data_received(chunks[0] if len(chunks) == 1 else b"".join(chunks))
        if ended:
            self.close()

    def _flush(self) -> None:
        if data := self._outgoing.read():
            self.transport.write(data)


class TlsTransport(asyncio.Transport):
    """What the protocol above sees of it."""

    def __init__(self, tls: AcceptedTls) -> None:
        """Take what encrypts."""
        super().__init__()
        self.tls = tls
        self._lower = tls.transport
        self._protocol: asyncio.BaseProtocol | None = None

    @override
    def get_extra_info(self, name: str, default: Any = None) -> Any:
        if name == "ssl_object":
            return self.tls.object()
        if name == "sslcontext":
            found = self.tls.object()
            return default if found is None else found.context
        return self._lower.get_extra_info(name, default)

    @override
    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.tls.write(data)

    @override
    def writelines(self, list_of_data: Any) -> None:
        self.tls.write(b"".join(list_of_data))

    @override
    def close(self) -> None:
        self.tls.close()

    @override
    def abort(self) -> None:
        self._lower.abort()

    @override
    def is_closing(self) -> bool:
        return self._lower.is_closing()

    @override
    def is_reading(self) -> bool:
        return self._lower.is_reading()

    @override
    def pause_reading(self) -> None:
        self._lower.pause_reading()

    @override
    def resume_reading(self) -> None:
        self._lower.resume_reading()

    @override
    def set_write_buffer_limits(
        self, high: int | None = None, low: int | None = None
    ) -> None:
        self._lower.set_write_buffer_limits(high, low)

    @override
    def get_write_buffer_size(self) -> int:
        return self._lower.get_write_buffer_size()

    @override
    def can_write_eof(self) -> bool:
        return False


_NOWHERE: Final = asyncio.Transport()
