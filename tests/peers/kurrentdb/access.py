"""Who may do what on the test server."""

import binascii
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import grpc

ADMINS, OPS = "$admins", "$ops"
type Context = grpc.aio.ServicerContext[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody with a password; groups: "$admins", "$ops" or none."""

    password: str
    groups: tuple[str, ...] = ()


class Access:
    """Asks for a password where there are users; without users all may do all."""

    def __init__(self, users: Mapping[str, User]) -> None:
        self._users = users

    async def may_read(self, context: Context, stream: str) -> None:
        """Let those through who may read or write a stream."""
        user = await self._user(context)
        if user and stream.startswith("$") and ADMINS not in user.groups:
            await _deny(context)

    async def may_manage(self, context: Context) -> None:
        """Let those through who may manage groups of consumers."""
        user = await self._user(context)
        if user and not {ADMINS, OPS} & {*user.groups}:
            await _deny(context)

    async def _user(self, context: Context) -> User | None:
        if not self._users:
            return None
        name, password = _credentials(context)
        user = self._users.get(name)
        if user is None or user.password != password:
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "Not authenticated")
        return user


async def _deny(context: Context) -> None:
    metadata = (("exception", "access-denied"),)
    await context.abort(grpc.StatusCode.PERMISSION_DENIED, "Access Denied", metadata)


def _credentials(context: Context) -> tuple[str, str]:
    """Return the name and password of basic authentication (RFC 7617)."""
    for key, value in context.invocation_metadata() or ():
        if key == "authorization":
            text = value.decode() if isinstance(value, bytes) else value
            try:
                name, _, password = b64decode(text[6:]).decode().partition(":")
            except binascii.Error, UnicodeDecodeError:
                return "", ""
            return name, password
    return "", ""
