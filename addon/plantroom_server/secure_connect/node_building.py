"""Make a node of what is asked for and the certificates that are kept."""

from collections.abc import Callable
from pathlib import Path

from custom_components.plantroom.engine.secure_connect.configuration import (
    SecureNetworkConfig,
)

from .kept_certificates import KeptCertificates
from .node import SecureNode
from .node_dialer import NodeCredentials
from .tls import Identity


def secure_node(
    config: SecureNetworkConfig, folder: Path | None, certificates: KeptCertificates
) -> SecureNode:
    """Return a node for a network; folder: of the device UUID, None keeps none."""
    wanted = config.credentials

    def identity() -> Identity:
        return certificates.identity(wanted)

    def listen(renewed: Callable[[], None]) -> Callable[[], None]:
        return certificates.listen_replaced(
            lambda replaced: renewed() if replaced == wanted else None
        )

    credentials = NodeCredentials(identity=identity, listen=listen)
    return SecureNode(config, folder, credentials)
