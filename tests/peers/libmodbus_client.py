"""A Modbus client by libmodbus (C), called through ctypes on a thread: a second opinion on what a server says."""

import asyncio
import ctypes
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .libmodbus_build import TO_HAVE_IT, PeerMissingError

LIBRARIES = ("libmodbus.so.5", "libmodbus.so")
FIRST_EXCEPTION = 112345678
"""MODBUS_ENOBASE: libmodbus adds the exception code to it for errno."""
LAST_EXCEPTION_CODE = 11
TIMEOUT_SECONDS = 30.0


class LibmodbusClientError(Exception):
    """A request failed; exception_code: what the server said, None when it said nothing."""

    def __init__(self, text: str, exception_code: int | None) -> None:
        super().__init__(text)
        self.exception_code = exception_code


class LibmodbusClient:
    """Reads and writes one unit; every call takes and gives words, or bits as 0 and 1."""

    def __init__(self, context: int | None, unit_id: int, timeout: float) -> None:
        self._library = _library()
        if not context:
            raise LibmodbusClientError("libmodbus takes no such endpoint", None)
        self._context = ctypes.c_void_p(context)
        self._unit_id = unit_id
        self._timeout = timeout

    @classmethod
    def tcp(cls, port: int, unit_id: int, *, timeout: float = TIMEOUT_SECONDS) -> Self:
        """Return a client of a unit behind a port on loopback."""
        return cls(_library().modbus_new_tcp(b"127.0.0.1", port), unit_id, timeout)

    @classmethod
    def rtu(
        cls, path: Path | str, unit_id: int, *, timeout: float = TIMEOUT_SECONDS
    ) -> Self:
        """Return a client of a unit on a serial line, 19200 8N1."""
        context = _library().modbus_new_rtu(str(path).encode(), 19200, b"N", 8, 1)
        return cls(context, unit_id, timeout)

    async def __aenter__(self) -> Self:
        self._library.modbus_set_slave(self._context, self._unit_id)
        seconds, rest = divmod(self._timeout, 1)
        self._library.modbus_set_response_timeout(
            self._context, int(seconds), int(rest * 1e6)
        )
        await self._call("modbus_connect")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._library.modbus_close(self._context)
        self._library.modbus_free(self._context)

    async def read_coils(self, address: int, count: int) -> list[int]:
        """Return bits by function 1."""
        return await self._read("modbus_read_bits", address, count, ctypes.c_uint8)

    async def read_discrete_inputs(self, address: int, count: int) -> list[int]:
        """Return bits by function 2."""
        return await self._read(
            "modbus_read_input_bits", address, count, ctypes.c_uint8
        )

    async def read_holding(self, address: int, count: int) -> list[int]:
        """Return words by function 3."""
        return await self._read(
            "modbus_read_registers", address, count, ctypes.c_uint16
        )

    async def read_input(self, address: int, count: int) -> list[int]:
        """Return words by function 4."""
        return await self._read(
            "modbus_read_input_registers", address, count, ctypes.c_uint16
        )

    async def write_coil(self, address: int, value: int) -> None:
        """Write a bit by function 5."""
        await self._call("modbus_write_bit", address, value)

    async def write_register(self, address: int, value: int) -> None:
        """Write a word by function 6."""
        await self._call("modbus_write_register", address, ctypes.c_uint16(value))

    async def write_coils(self, address: int, values: Sequence[int]) -> None:
        """Write bits by function 15."""
        bits = (ctypes.c_uint8 * len(values))(*values)
        await self._call("modbus_write_bits", address, len(values), bits)

    async def write_registers(self, address: int, values: Sequence[int]) -> None:
        """Write words by function 16."""
        words = (ctypes.c_uint16 * len(values))(*values)
        await self._call("modbus_write_registers", address, len(values), words)

    async def mask_write(self, address: int, and_mask: int, or_mask: int) -> None:
        """Change bits of a word by function 22."""
        masks = ctypes.c_uint16(and_mask), ctypes.c_uint16(or_mask)
        await self._call("modbus_mask_write_register", address, *masks)

    async def _read(
        self, function: str, address: int, count: int, kind: type[Any]
    ) -> list[int]:
        values = (kind * count)()
        await self._call(function, address, count, values)
        return list(values)

    async def _call(self, function: str, *arguments: Any) -> None:
        await asyncio.to_thread(self._call_blocking, function, arguments)

    def _call_blocking(self, function: str, arguments: tuple[Any, ...]) -> None:
        result = getattr(self._library, function)(self._context, *arguments)
        if result != -1:
            return
        number = ctypes.get_errno()
        code = number - FIRST_EXCEPTION
        text = self._library.modbus_strerror(number).decode()
        is_exception = 1 <= code <= LAST_EXCEPTION_CODE
        raise LibmodbusClientError(
            f"{function}{arguments[:2]}: {text}", code if is_exception else None
        )


@cache
def _library() -> Any:
    for name in LIBRARIES:
        try:
            library = ctypes.CDLL(name, use_errno=True)
        except OSError:
            continue
        library.modbus_new_tcp.restype = ctypes.c_void_p
        library.modbus_new_rtu.restype = ctypes.c_void_p
        library.modbus_new_rtu.argtypes = (
            ctypes.c_char_p, ctypes.c_int, ctypes.c_char, ctypes.c_int, ctypes.c_int,
        )  # fmt: skip
        library.modbus_strerror.restype = ctypes.c_char_p
        library.modbus_set_response_timeout.argtypes = (
            ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint32,
        )  # fmt: skip
        return library
    raise PeerMissingError(f"none of {', '.join(LIBRARIES)}; {TO_HAVE_IT}")
