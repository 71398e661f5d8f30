"""Certificates of BACnet/SC from a command line: python -m plantroom_server.certificates.

For servers without Home Assistant; one that runs sees a change within a minute.
"""

import argparse
import os
import sys
from base64 import b64decode, b64encode
from collections.abc import Sequence
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .secure_connect.certificate_desk import CertificateDesk

WRONG_INPUT: Final = 2
REFUSED: Final = 1
PASSPHRASE: Final = "PLANTROOM_PASSPHRASE"  # noqa: S105 - the name of a variable
DATA: Final = Path("/data")
PKCS12_SUFFIXES: Final = (".p12", ".pfx")


def main(arguments: Sequence[str]) -> int:
    """Do what was asked and print the outcome; return the process's exit code."""
    # Imported late: the engine has to be found first
    from .__main__ import find_engine  # noqa: PLC0415

    find_engine()
    from custom_components.plantroom.engine.errors import (  # noqa: PLC0415
        PlantroomError,
    )

    from .secure_connect.certificate_desk import CertificateDesk  # noqa: PLC0415

    options = _parser().parse_args(arguments)
    os.umask(0o077)
    desk = CertificateDesk(options.data)
    try:
        desk.open()
        print(_done(desk, options))
    except (OSError, ValueError) as err:
        print(f"{err}", file=sys.stderr)
        return WRONG_INPUT
    except PlantroomError as err:
        print(f"{err}", file=sys.stderr)
        return REFUSED
    return 0


def _done(desk: CertificateDesk, options: argparse.Namespace) -> str:
    match options.command:
        case "make-authority":
            return desk.make_authority(options.name, options.days)
        case "issue":
            return desk.issue(options.name, options.id, options.host, options.days)
        case "request":
            return desk.request(options.name, options.id, options.host)
        case "sign":
            return desk.sign(_text(options.request), options.host, options.days)
    return _changed(desk, options)


def _changed(desk: CertificateDesk, options: argparse.Namespace) -> str:
    match options.command:
        case "import":
            return _imported(desk, options)
        case "export":
            return _exported(desk, options)
        case "renew":
            return desk.renew(options.id)
        case "distrust":
            return desk.distrust(options.fingerprint, options.id)
        case "remove":
            return desk.remove(options.id)
    return desk.overview()


def _imported(desk: CertificateDesk, options: argparse.Namespace) -> str:
    path: Path = options.certificate
    authorities = "".join(_text(each) for each in options.authority)
    if path.suffix.lower() in PKCS12_SUFFIXES:
        packed = b64encode(path.read_bytes()).decode("ascii")
        return desk.take_pkcs12(packed, authorities, _passphrase(), options.id)
    key = "" if options.key is None else _text(options.key)
    phrase = _passphrase() if "ENCRYPTED" in key else ""
    return desk.take_pem(_text(path), key, authorities, phrase, options.id)


def _exported(desk: CertificateDesk, options: argparse.Namespace) -> str:
    target: Path | None = options.pkcs12
    if target is None:
        return desk.export(options.id)
    packed = desk.export_pkcs12(options.id, _passphrase())
    target.write_bytes(b64decode(packed))
    return f"{target} has the certificate with its key; the passphrase opens it"


def _passphrase() -> str:
    """Return a passphrase that no list of processes shows."""
    given = os.environ.get(PASSPHRASE)
    return getpass("Passphrase: ") if given is None else given


def _text(path: Path) -> str:
    if str(path) == "-":
        return sys.stdin.read()
    return path.read_text(encoding="utf-8", errors="replace")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m plantroom_server.certificates",
        description="Certificates of BACnet/SC. The passphrase of a file with a key is "
        f"asked for, or taken from {PASSPHRASE}.",
    )
    parser.add_argument("--data", type=Path, default=DATA, help="the server's folder")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="what there is, and until when")
    made = commands.add_parser("make-authority", help="the site's, or the next one")
    made.add_argument("name")
    made.add_argument("--days", type=int, default=7300)
    _add_order(commands.add_parser("issue", help="credentials, by the authority here"))
    _add_order(commands.add_parser("request", help="to be signed elsewhere"))
    signed = commands.add_parser("sign", help="the request of another device")
    signed.add_argument("request", type=Path, help='a PEM file, "-" for the input')
    _add_names(signed)
    taken = commands.add_parser("import", help="what was issued elsewhere")
    taken.add_argument("certificate", type=Path, help="PEM, or PKCS#12 (.p12, .pfx)")
    taken.add_argument("--key", type=Path, help="not for the answer to a request")
    taken.add_argument("--authority", type=Path, action="append", default=[])
    taken.add_argument("--id", default="", help="of the credentials that it replaces")
    exported = commands.add_parser("export", help="certificate and authorities")
    exported.add_argument("id")
    exported.add_argument("--pkcs12", type=Path, help="a file to write, with the key")
    for name, what in (("renew", "issue anew"), ("remove", "forget")):
        commands.add_parser(name, help=what).add_argument("id")
    dropped = commands.add_parser("distrust", help="an authority from now on")
    dropped.add_argument("fingerprint")
    dropped.add_argument("--id", default="", help="of credentials that trust it")
    return parser


def _add_order(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name")
    parser.add_argument("--id", default="", help="made of the name without it")
    _add_names(parser)


def _add_names(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--host", action="append", default=[], help="a name or address; may be repeated"
    )
    parser.add_argument("--days", type=int, default=730)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
