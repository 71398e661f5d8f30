"""What a server says of itself where Home Assistant finds it: mDNS, the Supervisor.

mDNS: service `_plantroom._tcp.local.`, properties `id` (the server's id), `schema` and
`minimum` (of the wire), `tls` ("1" or "0"). The Supervisor's discovery: service
`plantroom`, with `host`, `port`, `token`, `id`, and `fingerprint` where it has TLS.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from homeassistant.helpers.service_info.zeroconf import ZeroconfServiceInfo

from ..server_settings import ServerSettings, Tls, fingerprint_in

_SERVER_ID: Final = re.compile(r"[0-9a-f]{32}")


def app_settings(
    config: Mapping[str, Any], before: ServerSettings, slug: str
) -> ServerSettings:
    """Return how an app that the Supervisor tells of is reached; raises ValueError."""
    match config:
        case {"host": str(host), "port": int(port), "token": str(token)}:
            fingerprint = config.get("fingerprint") or ""
            return replace(
                before,
                host=host,
                port=port,
                token=token,
                tls=Tls.PINNED if fingerprint else Tls.NONE,
                fingerprint=fingerprint_in(fingerprint) if fingerprint else "",
                addon=slug,
            )
    raise ValueError("no host, port and token")


def announced_settings(
    info: ZeroconfServiceInfo, before: ServerSettings
) -> ServerSettings:
    """Return how a server that announced itself is reached, but for its token.

    Anybody may announce anything: a person compares the certificate.
    """
    encrypted = info.properties.get("tls", "1") != "0"
    return replace(
        before,
        host=info.host,
        port=info.port or before.port,
        tls=Tls.PINNED if encrypted else Tls.NONE,
        fingerprint="",
    )


def server_id_in(properties: Mapping[str, Any]) -> str:
    """Return the server's id among what is announced; raises ValueError."""
    server_id = properties.get("id")
    if not isinstance(server_id, str) or not _SERVER_ID.fullmatch(server_id):
        raise ValueError("not an id")
    return server_id
