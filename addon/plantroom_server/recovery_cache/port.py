"""What every recovery cache does for the gateway."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheFlush:
    """What changed since the flush before, kept all together or not at all.

    definitions, values: by the object's key as text, None for one that is deleted.
    position: of the last event in it; the one before is replaced.
    """

    definitions: Mapping[str, str | None] = field(default_factory=dict)
    values: Mapping[str, str | None] = field(default_factory=dict)
    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedState:
    """All that is kept of one subscription."""

    definitions: Mapping[str, str]
    values: Mapping[str, str]
    position: int | None


class RecoveryCache(ABC):
    """Keeps what a subscription's objects are and show, and how far it came.

    fence: the number of a writer's term; a flush of an older term is refused, so
    that a server that lost its place cannot overwrite what its successor wrote.
    """

    @abstractmethod
    async def start(self) -> None:
        """Connect; raises RecoveryCacheError when that is not possible now."""

    @abstractmethod
    async def stop(self) -> None:
        """Let go; calling it twice does no harm."""

    @abstractmethod
    async def take_term(self, subscription_id: str) -> int:
        """Begin to write for a subscription; ends the term of whoever did before."""

    @abstractmethod
    async def load(self, subscription_id: str) -> CachedState:
        """Return what is kept; raises RecoveryCacheError."""

    @abstractmethod
    async def flush(
        self, subscription_id: str, fence: int, changes: CacheFlush
    ) -> None:
        """Keep changes at once; raises FencedError, CacheLostError, RecoveryCacheError.

        After CacheLostError nothing is kept any more: take a new term and flush all.
        """

    @abstractmethod
    async def forget(self, subscription_id: str) -> None:
        """Keep nothing of a subscription that is configured no more."""
