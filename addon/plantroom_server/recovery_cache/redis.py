"""The recovery cache in Redis: a hash of definitions and one of values for each."""

from collections.abc import Callable
from contextlib import suppress
from itertools import batched
from typing import Final, override

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import RedisError, WatchError

from ..gateway_errors import CacheLostError, FencedError, HeldError, RecoveryCacheError
from .port import CachedState, CacheFlush, RecoveryCache

ANSWER_SECONDS: Final = 1.0
FIELDS_AT_ONCE: Final = 1000


class RedisCache(RecoveryCache):
    """Keeps everything of one flush in one transaction.

    A hung Redis fails in seconds: the library's own defaults wait for over twenty.
    """

    def __init__(self, url: str, prefix: str = "plantroom") -> None:
        """Take "redis://[user:password@]host:port/db", or rediss:// or unix://.

        Raises RecoveryCacheError for what is none of these.
        """
        self._prefix = prefix
        try:
            self._redis = Redis.from_url(
                url,
                decode_responses=True,
                socket_timeout=ANSWER_SECONDS,
                socket_connect_timeout=ANSWER_SECONDS,
                health_check_interval=10,
                retry=Retry(ExponentialBackoff(cap=0.2, base=0.05), 1),
            )
        except ValueError as err:
            raise RecoveryCacheError("The Redis URL cannot be understood") from err

    @override
    async def start(self) -> None:
        try:
            await self._redis.ping()
        except (RedisError, OSError) as err:
            raise _translated(err) from err

    @override
    async def stop(self) -> None:
        await self._redis.aclose()

    @override
    async def take_term(self, subscription_id: str, holds_seconds: float = 0) -> int:
        held = self._key(subscription_id, "held")
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                await pipe.watch(held)
                if await pipe.exists(held):
                    raise HeldError("Another server is at work")
                pipe.multi()  # type: ignore[no-untyped-call]
                pipe.incr(self._key(subscription_id, "term"))
                if holds_seconds:
                    pipe.set(held, "1", px=round(holds_seconds * 1000))
                term: int = (await pipe.execute())[0]
        except WatchError as err:
            raise HeldError("Another server was first") from err
        except (RedisError, OSError) as err:
            raise _translated(err) from err
        return term

    @override
    async def renew(
        self, subscription_id: str, fence: int, holds_seconds: float
    ) -> None:
        milliseconds = round(holds_seconds * 1000)

        def hold(pipe: Pipeline) -> None:
            pipe.set(self._key(subscription_id, "held"), "1", px=milliseconds)

        await self._in_term(subscription_id, fence, hold)

    @override
    async def release(self, subscription_id: str, fence: int) -> None:
        with suppress(FencedError, CacheLostError):
            await self._in_term(
                subscription_id,
                fence,
                lambda pipe: pipe.delete(self._key(subscription_id, "held")),
            )

    @override
    async def load(self, subscription_id: str) -> CachedState:
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                for name in ("definitions", "values"):
                    pipe.hgetall(self._key(subscription_id, name))
                for name in ("position", "event"):
                    pipe.get(self._key(subscription_id, name))
                definitions, values, position, event_id = await pipe.execute()
        except (RedisError, OSError) as err:
            raise _translated(err) from err
        return CachedState(
            definitions=definitions,
            values=values,
            position=None if position is None else int(position),
            event_id=event_id or "",
        )

    @override
    async def flush(
        self, subscription_id: str, fence: int, changes: CacheFlush
    ) -> None:
        await self._in_term(
            subscription_id,
            fence,
            lambda pipe: self._put(pipe, subscription_id, changes),
        )

    @override
    async def forget(self, subscription_id: str) -> None:
        names = ("definitions", "values", "position", "event", "term", "held")
        keys = [self._key(subscription_id, name) for name in names]
        try:
            await self._redis.unlink(*keys)
        except (RedisError, OSError) as err:
            raise _translated(err) from err

    async def _in_term(
        self, subscription_id: str, fence: int, work: Callable[[Pipeline], object]
    ) -> None:
        """Do work in one transaction if the term is still ours."""
        term = self._key(subscription_id, "term")
        try:
            async with self._redis.pipeline(transaction=True) as pipe:
                await pipe.watch(term)
                _check_term(await pipe.get(term), fence)
                pipe.multi()  # type: ignore[no-untyped-call]
                work(pipe)
                await pipe.execute()
        except WatchError as err:
            raise FencedError("Another server took over while we wrote") from err
        except (RedisError, OSError) as err:
            raise _translated(err) from err

    def _put(self, pipe: Pipeline, subscription_id: str, changes: CacheFlush) -> None:
        for name, entries in (
            ("definitions", changes.definitions),
            ("values", changes.values),
        ):
            key = self._key(subscription_id, name)
            kept = {field: text for field, text in entries.items() if text is not None}
            gone = [field for field, text in entries.items() if text is None]
            for piece in batched(kept.items(), FIELDS_AT_ONCE, strict=False):
                pipe.hset(key, mapping=dict(piece))
            if gone:
                pipe.hdel(key, *gone)
        if changes.position is not None:
            pipe.set(self._key(subscription_id, "position"), changes.position)
            pipe.set(self._key(subscription_id, "event"), changes.event_id)

    def _key(self, subscription_id: str, name: str) -> str:
        # The braces keep all keys of a subscription on one node of a cluster
        return f"{self._prefix}:{{{subscription_id}}}:{name}"


def _check_term(kept: bytes | str | None, fence: int) -> None:
    if kept is None:
        raise CacheLostError("Redis lost what it kept")
    if int(kept) > fence:
        raise FencedError("Another server took over", term=int(kept))
    if int(kept) < fence:
        raise CacheLostError("Redis has an older state than we gave it")


def _translated(err: Exception) -> RecoveryCacheError:
    return RecoveryCacheError(
        "Redis does not answer as it should", reason=type(err).__name__
    )
