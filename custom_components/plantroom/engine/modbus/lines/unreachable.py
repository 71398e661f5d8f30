"""Why an endpoint cannot be opened, as a code that a person's language has a text for."""

import errno
import socket
import ssl
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from modbus_connection import ClientClosedError


class Obstacle(StrEnum):
    """What stands in the way. MISSING: the serial port, or a file that TLS needs.

    CLOSED: whoever lent the link has closed it for good, as Home Assistant does when
    it stops.
    """

    REFUSED = "refused"
    TIMEOUT = "timeout"
    NO_ROUTE = "no_route"
    UNKNOWN_HOST = "unknown_host"
    MISSING = "missing"
    NO_PERMISSION = "no_permission"
    BUSY = "busy"
    NOT_A_PORT = "not_a_port"
    TLS = "tls"
    BREAKS = "breaks"
    CLOSED = "closed"
    OTHER = "other"


_BY_ERRNO: Final = {
    errno.EHOSTUNREACH: Obstacle.NO_ROUTE,
    errno.ENETUNREACH: Obstacle.NO_ROUTE,
    errno.EBUSY: Obstacle.BUSY,
    errno.EAGAIN: Obstacle.BUSY,
    errno.ENOTTY: Obstacle.NOT_A_PORT,
    errno.ENXIO: Obstacle.MISSING,
    errno.ENODEV: Obstacle.MISSING,
}

_BY_KIND: Final[tuple[tuple[type[BaseException], Obstacle], ...]] = (
    (ClientClosedError, Obstacle.CLOSED),
    (socket.gaierror, Obstacle.UNKNOWN_HOST),
    (ssl.SSLError, Obstacle.TLS),
    (ConnectionRefusedError, Obstacle.REFUSED),
    (FileNotFoundError, Obstacle.MISSING),
    (PermissionError, Obstacle.NO_PERMISSION),
    (TimeoutError, Obstacle.TIMEOUT),
)


def obstacle_of(err: BaseException) -> Obstacle:
    """Return what the errors behind an error say, the innermost that says something.

    Libraries wrap what the operating system said in errors of their own.
    """
    found = [obstacle for inner in _chain(err) if (obstacle := _named(inner))]
    return found[-1] if found else Obstacle.OTHER


def _chain(err: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while err is not None and id(err) not in seen:
        seen.add(id(err))
        yield err
        err = err.__cause__ or err.__context__


def _named(err: BaseException) -> Obstacle | None:
    for kind, obstacle in _BY_KIND:
        if isinstance(err, kind):
            return obstacle
    return _BY_ERRNO.get(err.errno or 0) if isinstance(err, OSError) else None
