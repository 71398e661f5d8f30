"""Who a node is on its network, the same after every start (AB.1.5.3)."""

import hashlib
import json
import secrets
import uuid
from dataclasses import dataclass
from pathlib import Path

from ..access_token import write_private
from .frames import UUID_OCTETS, VMAC_OCTETS


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeIdentity:
    """A device UUID, for ever, and a VMAC, until somebody else has it."""

    device_uuid: bytes
    vmac: bytes


def random_vmac() -> bytes:
    """Return a random VMAC, of those that are no EUI-48 (H.7.3)."""
    octets = bytearray(secrets.token_bytes(VMAC_OCTETS))
    octets[0] = octets[0] & 0xF0 | 0x02
    return bytes(octets)


def new_identity() -> NodeIdentity:
    """Return one that nobody had."""
    return NodeIdentity(device_uuid=uuid.uuid4().bytes, vmac=random_vmac())


def keep_identity(folder: Path, network_id: str) -> NodeIdentity:
    """Return the one kept for a network, made by the first start.

    Blocks; raises OSError.
    """
    path = _path(folder, network_id)
    if path.exists():
        kept = _understood(path.read_bytes())
        if kept is not None:
            return kept
    made = new_identity()
    save_identity(folder, network_id, made)
    return made


def save_identity(folder: Path, network_id: str, identity: NodeIdentity) -> None:
    """Keep an identity, whole or not at all. Blocks; raises OSError."""
    data = {"device_uuid": identity.device_uuid.hex(), "vmac": identity.vmac.hex()}
    write_private(_path(folder, network_id), json.dumps(data).encode())


def _path(folder: Path, network_id: str) -> Path:
    # An id may hold what a file's name may not
    name = hashlib.sha256(network_id.encode()).hexdigest()[:16]
    return folder / f"secure_node_{name}.json"


def _understood(data: bytes) -> NodeIdentity | None:
    try:
        read = json.loads(data)
        device_uuid = bytes.fromhex(read["device_uuid"])
        vmac = bytes.fromhex(read["vmac"])
    except ValueError, KeyError, TypeError:
        return None
    if len(device_uuid) != UUID_OCTETS or len(vmac) != VMAC_OCTETS:
        return None
    return NodeIdentity(device_uuid=device_uuid, vmac=vmac)
