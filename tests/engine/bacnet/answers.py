"""Scans that take as long as their devices need to answer, and a moment longer."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import override

import pytest

from custom_components.plantroom.engine.bacnet import who_is
from custom_components.plantroom.engine.bacnet.who_is import Census, IAm

# Far more than devices need, whatever else the machine does
SCAN_SECONDS = 60.0
# For answers that nobody expects
LONGER_SECONDS = 0.3


@contextmanager
def answers_of(*instances: int) -> Iterator[None]:
    """End each scan a moment after all of these have answered, twice where named twice."""
    wanted = Counter(instances)

    class Enough(Census):
        """The answers of one scan."""

        @override
        def take(self, i_am: IAm) -> None:
            super().take(i_am)
            if wanted <= Counter(each.instance for each in self.answers):
                loop = asyncio.get_running_loop()
                loop.call_later(LONGER_SECONDS, self.complete.set)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(who_is, "Census", Enough)
        yield
