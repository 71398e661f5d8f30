"""What every recovery cache does for the gateway."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheFlush:
    """What changed since the flush before, kept all together or not at all.

    definitions, values: by the object's key as text, None for one that is deleted.
    position, event_id: of the last event in it; those before are replaced.
    """

    definitions: Mapping[str, str | None] = field(default_factory=dict)
    values: Mapping[str, str | None] = field(default_factory=dict)
    position: int | None = None
    event_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedState:
    """All that is kept of one subscription."""

    definitions: Mapping[str, str]
    values: Mapping[str, str]
    position: int | None
    event_id: str = ""


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
    async def take_term(self, subscription_id: str, holds_seconds: float = 0) -> int:
        """Begin to write for a subscription; ends the term of whoever did before.

        holds_seconds: nobody else may begin until then, unless it is renewed. Raises
        HeldError while another holds it, RecoveryCacheError.
        """

    @abstractmethod
    async def renew(
        self, subscription_id: str, fence: int, holds_seconds: float
    ) -> None:
        """Hold a term for longer; raises FencedError, CacheLostError and the like."""

    @abstractmethod
    async def release(self, subscription_id: str, fence: int) -> None:
        """Let another begin at once; does nothing when another already has."""

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
