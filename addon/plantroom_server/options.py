"""What a server process needs to start; all else comes from its clients."""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

PORT: Final = 8740
LOG_LEVELS: Final = ("debug", "info", "warning", "error")
SUPERVISOR_FOLDER: Final = Path("/data")
SUPERVISOR_FILE: Final = SUPERVISOR_FOLDER / "options.json"
SUPERVISOR_CERTIFICATES: Final = Path("/ssl")
REDIS_SCHEMES: Final = ("unix://", "redis://", "rediss://")
_ARGUMENTS_ONLY: Final = frozenset({"data_folder", "site"})


class OptionsError(Exception):
    """An option is wrong; the message says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the server is started.

    host: to listen on, "" for every interface. token: "" for the one kept in the
    data folder, made by the first start. certificate, key: PEM files, "" for one of
    our own making. plain: no TLS although others could listen, behind a proxy that has
    it. health_port: of the second listener, 0 for none; health_host: its own address, ""
    for the first one's. several_may_configure: more than one client may. site: the file
    that says what is served, which clients then cannot change. time_zone: IANA name, ""
    for the machine's. announce: on the local network, where others may connect.
    other_machines: whether they may under the Supervisor, where host is not said.
    redis_url: of the gateway's recovery cache where a site names none, "" for our own.
    """

    data_folder: Path
    host: str = ""
    port: int = PORT
    token: str = field(default="", repr=False)
    certificate: str = ""
    key: str = ""
    plain: bool = False
    health_port: int = 0
    several_may_configure: bool = False
    site: Path | None = None
    time_zone: str = ""
    log_level: str = "info"
    health_host: str = ""
    announce: bool = True
    other_machines: bool = False
    redis_url: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Refuse what cannot work."""
        for name in ("port", "health_port"):
            if not 0 <= getattr(self, name) <= 65535:
                raise OptionsError(f"{name} must be 0 to 65535")
        if bool(self.certificate) != bool(self.key):
            raise OptionsError("certificate and key go together")
        if self.log_level not in LOG_LEVELS:
            raise OptionsError(f"log_level must be one of {', '.join(LOG_LEVELS)}")
        if self.token and len(self.token) < 16:
            raise OptionsError("token must have 16 characters at least")
        if self.redis_url and not self.redis_url.startswith(REDIS_SCHEMES):
            raise OptionsError(f"redis_url must begin with {', '.join(REDIS_SCHEMES)}")

    @property
    def on_this_machine(self) -> bool:
        """Return whether nobody else can connect."""
        return _is_loopback(self.host)

    @property
    def encrypted(self) -> bool:
        """Return whether clients need TLS; what stays on this machine does not."""
        return bool(self.certificate) or not (self.plain or self.on_this_machine)


def read_options(arguments: Sequence[str], environment: Mapping[str, str]) -> Options:
    """Return what arguments say, else the options file, else what goes without saying.

    The token comes from the file or PLANTROOM_TOKEN, a Redis with a password from the
    file or PLANTROOM_REDIS: arguments are for all to see. Raises OptionsError, or SystemExit as argparse does.
    """
    given = {
        name: value
        for name, value in vars(_parser().parse_args(arguments)).items()
        if value is not None
    }
    supervised = "SUPERVISOR_TOKEN" in environment
    file = given.pop("options", None)
    if file is None and supervised and SUPERVISOR_FILE.exists():
        file = SUPERVISOR_FILE
    settled = _settled(environment, supervised=supervised)
    options = settled if file is None else replace(settled, **_read_file(file))
    if supervised:
        options = _as_app(options)
    return replace(options, **given)


def _settled(environment: Mapping[str, str], *, supervised: bool) -> Options:
    home = Path(environment.get("HOME") or "/")
    data = environment.get("XDG_DATA_HOME") or home / ".local" / "share"
    return Options(
        data_folder=SUPERVISOR_FOLDER if supervised else Path(data) / "plantroom",
        host="127.0.0.1" if supervised else "",
        token=environment.get("PLANTROOM_TOKEN", ""),
        time_zone=environment.get("TZ", ""),
        redis_url=environment.get("PLANTROOM_REDIS", ""),
    )


def _as_app(options: Options) -> Options:
    """Return an app's options: its certificates are in a folder of the Supervisor."""
    certificate, key = (
        str(SUPERVISOR_CERTIFICATES / name) if name else ""
        for name in (options.certificate, options.key)
    )
    host = "" if options.other_machines else options.host
    return replace(options, host=host, certificate=certificate, key=key)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="plantroom_server", description="Plantroom's engine for clients elsewhere."
    )
    add = parser.add_argument
    add("--data", dest="data_folder", type=Path, metavar="FOLDER")
    add("--options", type=Path, metavar="FILE", help="JSON as the Supervisor writes it")
    add("--host", help="address to listen on")
    add("--port", type=int, help=f"{PORT} unless given; 0 takes any that is free")
    add("--certificate", metavar="FILE", help="PEM; otherwise one is made")
    add("--key", metavar="FILE", help="PEM")
    add("--plain", action="store_true", default=None, help="no TLS")
    add("--health-port", type=int, help="serve /health/live, /health/ready, /metrics")
    add("--health-host", help="address of that port; --host unless given")
    add(
        "--no-announcement",
        dest="announce",
        action="store_false",
        default=None,
        help="not to be found on the local network",
    )
    add("--several-may-configure", action="store_true", default=None)
    add(
        "--redis",
        dest="redis_url",
        metavar="URL",
        help="recovery cache of the gateway; without one a file in the data folder",
    )
    add("--site", type=Path, metavar="FILE", help="YAML that says what is served")
    add("--time-zone", help="of the building, an IANA name")
    add("--log-level", choices=LOG_LEVELS)
    return parser


def _read_file(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as err:
        raise OptionsError(f"{path}: {err}") from err
    if not isinstance(data, dict):
        raise OptionsError(f"{path}: options are an object")
    kinds = {
        each.name: each.type
        for each in fields(Options)
        if each.name not in _ARGUMENTS_ONLY
    }
    # The add-on has options of other parts too
    return {
        name: _checked(path, name, value, kinds[name])
        for name, value in data.items()
        if name in kinds and value is not None
    }


def _checked(path: Path, name: str, value: object, kind: Any) -> Any:
    if type(value) is not kind:
        raise OptionsError(f"{path}: {name} must be of type {kind.__name__}")
    return value


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
