"""Every error the engine raises on purpose, each with a stable code.

PlantroomError
├── ConfigurationError          the site configuration is wrong
│   └── CertificateRefusedError a certificate, key or request cannot be used
├── UnknownCommandError         no such command
├── UnknownTargetError          no such network, device or point
├── NetworkError                a network cannot be used
│   ├── PortInUseError          somebody else has the UDP port
│   ├── InterfaceGoneError      this machine does not have the address
│   ├── BbmdRefusedError        the BBMD refused or never answered
│   ├── LineInUseError          the endpoint is in use with other settings
│   └── LineUnreachableError    the endpoint cannot be opened
├── DeviceError                 a device did not do what was asked
│   ├── DeviceOfflineError      no answer in time
│   ├── DeviceRefusedError      answered with an error, reject, abort or exception
│   └── MalformedReplyError     answered with something that cannot be decoded
├── WriteRefusedError           we refuse to send this write
├── StorageError                the database cannot be read or written
├── ConnectionLostError         the wire between client and engine broke
│   ├── CertificateError        the server's certificate is not one we trust
│   └── ServerBusyError         the server takes no more clients
├── AuthenticationError         the server does not take our token
├── SchemaError                 client and server are too far apart in version
├── MalformedRequestError       the server could not make sense of a request
└── ReadOnlyError               this client may not change the configuration
"""

from collections.abc import Mapping


class PlantroomError(Exception):
    """An error with a stable code and the facts a translated message needs."""

    code = "plantroom_error"

    def __init__(self, message: str, **facts: str | float | None) -> None:
        """Keep the English message and the facts, as text, by name."""
        super().__init__(message)
        self.facts: Mapping[str, str] = {
            name: "" if value is None else str(value) for name, value in facts.items()
        }


class ConfigurationError(PlantroomError):
    """The site configuration is wrong; the message says where."""

    code = "configuration"


class CertificateRefusedError(ConfigurationError):
    """A certificate, key or request cannot be used; the message says what to do.

    facts: reason (a CertificateFault) and what its text names.
    """

    code = "certificate_refused"

    def __init__(
        self, message: str, *, reason: str, **facts: str | float | None
    ) -> None:
        """Keep the reason, by which people are told in their language."""
        super().__init__(message, reason=reason, **facts)
        self.reason = reason


class UnknownCommandError(PlantroomError):
    """The engine has no command of that name."""

    code = "unknown_command"


class UnknownTargetError(PlantroomError):
    """There is no network, device or point of that id."""

    code = "unknown_target"


class NetworkError(PlantroomError):
    """A network cannot be used."""

    code = "network"


class PortInUseError(NetworkError):
    """Another program has the UDP port; facts: address, port, owner."""

    code = "port_in_use"


class InterfaceGoneError(NetworkError):
    """This machine has no interface with the address; facts: address."""

    code = "interface_gone"


class BbmdRefusedError(NetworkError):
    """The BBMD refused the registration or never answered; facts: bbmd, reason."""

    code = "bbmd_refused"


class LineInUseError(NetworkError):
    """The endpoint is in use with other settings; facts: line, reason, owner.

    reason: those settings, "19200 8E1". owner: who uses it, "" when not known.
    """

    code = "line_in_use"


class LineUnreachableError(NetworkError):
    """The endpoint cannot be opened; facts: line, reason (an Obstacle), detail."""

    code = "line_unreachable"


class DeviceError(PlantroomError):
    """A device did not do what was asked."""

    code = "device"


class DeviceOfflineError(DeviceError):
    """The device did not answer in time; facts: device."""

    code = "device_offline"


class DeviceRefusedError(DeviceError):
    """The device answered with an error, reject or abort; facts: device, reason."""

    code = "device_refused"

    def __init__(self, message: str, *, device: str, reason: str) -> None:
        """Keep the reason as the standard names it, e.g. "write-access-denied"."""
        super().__init__(message, device=device, reason=reason)
        self.reason = reason


class MalformedReplyError(DeviceError):
    """The device answered with something that cannot be decoded; facts: device."""

    code = "malformed_reply"


class WriteRefusedError(PlantroomError):
    """We refuse to send a write; facts: point and what its code names."""

    code = "write_refused"

    def __init__(
        self, message: str, *, reason: str, **facts: str | float | None
    ) -> None:
        """Keep the reason: not_writable, below_minimum, above_maximum, priority and others."""
        super().__init__(message, reason=reason, **facts)
        self.reason = reason


class StorageError(PlantroomError):
    """The database cannot be opened, read or written; facts: path, reason."""

    code = "storage"


class ConnectionLostError(PlantroomError):
    """The wire between client and engine broke before the answer came."""

    code = "connection_lost"


class CertificateError(ConnectionLostError):
    """The server's certificate is not one we trust; facts: host, port, reason."""

    code = "certificate"


class ServerBusyError(ConnectionLostError):
    """The server takes no more clients now; facts: limit."""

    code = "server_busy"


class AuthenticationError(PlantroomError):
    """The server does not take our token; trying again would not help."""

    code = "authentication"


class SchemaError(PlantroomError):
    """One side is too old for the other; facts: side, schema, minimum.

    side: "client" or "server", the one to update. schema: what it speaks. minimum:
    what the other side asks for.
    """

    code = "schema"


class MalformedRequestError(PlantroomError):
    """The server could not make sense of a request; facts: command, reason."""

    code = "malformed_request"


class ReadOnlyError(PlantroomError):
    """This client may not change the configuration; facts: owner.

    owner: "file" where a file holds it, "client" where another client does.
    """

    code = "read_only"
