"""Which recovery cache keeps what objects show."""

from pathlib import Path

from .embedded import EmbeddedCache
from .port import RecoveryCache


def recovery_cache(url: str, folder: Path | None) -> RecoveryCache:
    """Return the Redis of a URL, or a file of our own without one.

    Raises RecoveryCacheError for what is no URL of a Redis.
    """
    if not url:
        return EmbeddedCache(folder)
    # Who has none is spared 8 MB of its client
    from .redis import RedisCache  # noqa: PLC0415

    return RedisCache(url)
