"""Certificates for a KurrentDB, made on the spot."""

from pathlib import Path

from tests.peers.kurrentdb.server import ServerTls
from tests.simulators.modbus.certificates import CertificateFiles


def made(folder: Path) -> tuple[str, ServerTls]:
    """Return an authority's certificate and a server's files."""
    folder.mkdir(parents=True)
    files = CertificateFiles(folder=folder)
    files.make()
    tls = ServerTls(certificate=folder / "server.pem", key=folder / "server.key")
    return files.ca_file.read_text(), tls
