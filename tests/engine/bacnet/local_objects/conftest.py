"""A device of ours with one object of each type, and clients of it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.ports import free_port

from .clients import RawClient, bac_py_client, raw_client
from .serving import Serving, serving


@pytest.fixture
async def served() -> AsyncIterator[Serving]:
    async with serving(free_port()) as bench:
        yield bench


@pytest.fixture
async def client(served: Serving) -> AsyncIterator[Any]:
    async with bac_py_client(served.port) as found:
        yield found


@pytest.fixture
async def raw(served: Serving) -> AsyncIterator[RawClient]:
    async with raw_client(served.address) as found:
        yield found
