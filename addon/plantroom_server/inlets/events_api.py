"""POST /events: events from whoever shows the token of the way in."""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from uuid import uuid4

from aiohttp import web

from ..access_token import is_token
from ..event_source.arrivals import Kept
from ..gateway_errors import BehindError, EventSourceError, IdTakenError
from .inlets import HttpInlet, Inlets
from .intake import Outcome, Way
from .sent_events import SentEventsError, read_events

_LOGGER = logging.getLogger(__name__)

PATH: Final = "/events"
LONGEST_KEY: Final = 255
BODY_SECONDS: Final = 30.0
MOST_AT_ONCE: Final = 16
WRONG_TOKEN_SECONDS: Final = 1.0
MOST_STRANGERS: Final = 16
MOST_STRANGERS_OF_ONE: Final = 4
SOON_SECONDS: Final = 1
BEHIND_SECONDS: Final = 5
FULL_SECONDS: Final = 60
INSUFFICIENT_STORAGE: Final = 507
_STATUSES: Final = {"too-slow": 408, "too-large": 413, "encoding": 415}


class EventsApi:
    """Answers senders once the log has their events on disk, or says why it has not."""

    def __init__(
        self,
        inlets: Inlets,
        is_ready: Callable[[], bool],
        welcomed: Callable[[web.Request], None],
    ) -> None:
        """Take what is open; welcomed: is told of each request that may last."""
        self._inlets = inlets
        self._is_ready = is_ready
        self._welcomed = welcomed
        self._strangers: Counter[str] = Counter()
        self._at_work = 0

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Serve the paths."""
        router.add_post(PATH, self.handle)
        router.add_post(PATH + "/{store_id}", self.handle)

    async def handle(self, request: web.Request) -> web.Response:
        """Take one request's events, all or none."""
        if not self._is_ready() or self._inlets.changing:
            return _wait(503, "starting", "The gateway starts", SOON_SECONDS)
        inlet = self._inlets.http
        if inlet is None:
            return _problem(404, "no-way-in", "No event store takes events here")
        if not is_token(_token_of(request), inlet.token):
            return await self._turn_down(request.remote or "")
        self._welcomed(request)
        if request.match_info.get("store_id", inlet.store_id) != inlet.store_id:
            return _problem(404, "unknown-store", "There is no such event store")
        if self._at_work >= MOST_AT_ONCE:
            inlet.intake.count(Way.HTTP, Outcome.TURNED_AWAY)
            return _wait(503, "busy", "Too many requests at once", SOON_SECONDS)
        with self._working():
            return await self._answer(request, inlet)

    async def _answer(self, request: web.Request, inlet: HttpInlet) -> web.Response:
        try:
            key = _key_of(request)
            arrivals = read_events(await _body_of(request), key)
            kept = await inlet.intake.take(Way.HTTP, arrivals)
        except (SentEventsError, IdTakenError) as err:
            inlet.intake.count(Way.HTTP, Outcome.REFUSED)
            return _refusal(err)
        except EventSourceError as err:
            inlet.intake.count(Way.HTTP, Outcome.TURNED_AWAY)
            return _not_now(err)
        return _receipt(kept)

    async def _turn_down(self, address: str) -> web.Response:
        """Answer a wrong token, slowly; one address cannot keep others waiting."""
        if (
            self._strangers.total() >= MOST_STRANGERS
            or self._strangers[address] >= MOST_STRANGERS_OF_ONE
        ):
            return _wait(429, "too-many", "Too many wrong tokens", SOON_SECONDS)
        _LOGGER.warning("A sender of events at %s has a wrong token", address)
        self._strangers[address] += 1
        try:
            await asyncio.sleep(WRONG_TOKEN_SECONDS)
        finally:
            self._strangers -= Counter([address])
        answer = _problem(401, "wrong-token", "Authorization: Bearer and the token")
        answer.headers["WWW-Authenticate"] = "Bearer"
        return answer

    @contextmanager
    def _working(self) -> Iterator[None]:
        self._at_work += 1
        try:
            yield
        finally:
            self._at_work -= 1


def _token_of(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _key_of(request: web.Request) -> str:
    """Return what the sender repeats, or something that nobody repeats."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return str(uuid4())
    if not 0 < len(key) <= LONGEST_KEY or not key.isprintable():
        raise SentEventsError(
            "idempotency-key", f"Idempotency-Key has 1 to {LONGEST_KEY} characters"
        )
    return key


async def _body_of(request: web.Request) -> bytes:
    if "Content-Encoding" in request.headers:
        raise SentEventsError("encoding", "Content-Encoding is not taken")
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.read()
    except TimeoutError as err:
        raise SentEventsError("too-slow", "The body did not come in time") from err
    except web.HTTPRequestEntityTooLarge as err:
        raise SentEventsError("too-large", "The body is too large") from err


def _receipt(kept: list[Kept]) -> web.Response:
    """Return 201 where something is new, 200 where everything was known."""
    events = [
        {"id": each.event_id, "position": each.position, "known": each.known}
        for each in kept
    ]
    is_old_news = all(each.known for each in kept)
    return web.json_response({"events": events}, status=200 if is_old_news else 201)


def _refusal(err: SentEventsError | IdTakenError) -> web.Response:
    if isinstance(err, IdTakenError):
        item = int(err.facts["item"])
        return _problem(422, "id-taken", str(err), item)
    status = _STATUSES.get(err.reason, 400) if err.item is None else 400
    return _problem(status, err.reason, str(err), err.item)


def _not_now(err: EventSourceError) -> web.Response:
    if isinstance(err, BehindError):
        return _wait(503, "behind", str(err), BEHIND_SECONDS)
    if "full" in err.facts.get("reason", ""):
        return _wait(INSUFFICIENT_STORAGE, "full", "No room is left", FULL_SECONDS)
    _LOGGER.warning("Events cannot be kept: %s", err)
    return _wait(503, "not-kept", "The event log cannot be written", BEHIND_SECONDS)


def _wait(status: int, error: str, message: str, seconds: int) -> web.Response:
    answer = _problem(status, error, message)
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _problem(
    status: int, error: str, message: str, item: int | None = None
) -> web.Response:
    content: dict[str, Any] = {"error": error, "message": message}
    if item is not None:
        content["item"] = item
    text = json.dumps(content, ensure_ascii=False)
    return web.json_response(text=text, status=status)
