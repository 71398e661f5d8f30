"""The parts of the server, started in order and stopped in reverse."""

import asyncio
import logging
import ssl

from aiohttp import web

from custom_components.plantroom.engine.site_config import SiteConfig
from custom_components.plantroom.engine.wire.frames import PATH

from .access_token import keep_token
from .certificate import server_context
from .health import health_application
from .host import ServerHost, time_zone_name
from .inlets.events_api import EventsApi
from .inlets.sent_events import MOST_OCTETS
from .listener import Listener
from .metrics import Metrics
from .options import Options
from .served_engine import ServedEngine
from .server_identity import keep_server_id
from .websocket_api import WebSocketApi

_LOGGER = logging.getLogger(__name__)


class PlantroomServer:
    """One engine and the ports at which it is asked."""

    def __init__(
        self,
        options: Options,
        host: ServerHost | None = None,
        site: SiteConfig | None = None,
    ) -> None:
        """Take how to start; site: what a file says is served."""
        self._options = options
        self._host = host or ServerHost(
            data_folder=options.data_folder,
            time_zone=time_zone_name(options.time_zone),
        )
        self.engine = ServedEngine(
            self._host,
            site=site,
            several_may_configure=options.several_may_configure,
            redis_url=options.redis_url,
        )
        self.token = ""
        self.server_id = ""
        self._api: WebSocketApi | None = None
        self._listener: Listener | None = None
        self._health: Listener | None = None
        self._metrics: Metrics | None = None

    @property
    def port(self) -> int:
        """Return the port for clients, 0 when it does not listen."""
        return 0 if self._listener is None else self._listener.port

    @property
    def health_port(self) -> int:
        """Return the second port, 0 when there is none."""
        return 0 if self._health is None else self._health.port

    async def start(self) -> None:
        """Listen and start the engine; raises OSError when that is not possible."""
        options = self._options
        self.token, tls = await asyncio.to_thread(self._secrets)
        self.server_id = await asyncio.to_thread(keep_server_id, options.data_folder)
        application = web.Application(client_max_size=MOST_OCTETS + 1)
        self._listener = Listener(application)
        self._api = WebSocketApi(
            self.engine, self.token, self.server_id, self._listener.welcome
        )
        application.router.add_get(PATH, self._api.handle)
        EventsApi(
            self.engine.inlets, lambda: self.engine.ready, self._listener.welcome
        ).add_routes(application.router)
        self._api.start()
        self.engine.start()
        try:
            await self._listener.start(options.host, options.port, tls)
            if options.health_port:
                await self._start_health(self._api)
        except BaseException:
            await self.stop()
            raise
        _LOGGER.info(
            "Listening on %s port %d%s",
            options.host or "every interface",
            self.port,
            "" if tls is None else " with TLS",
        )

    async def stop(self) -> None:
        """Let clients go, then the engine; calling it twice does no harm."""
        if self._metrics is not None:
            self._metrics.stop()
        if self._listener is not None:
            # Who is let go would be back before the end
            self._listener.close()
        if self._api is not None:
            await self._api.stop()
        for listener in (self._health, self._listener):
            if listener is not None:
                await listener.stop()
        await self.engine.stop()

    async def _start_health(self, api: WebSocketApi) -> None:
        self._metrics = Metrics(self.engine, api)
        self._metrics.start()
        self._health = Listener(health_application(self.engine, self._metrics))
        options = self._options
        await self._health.start(
            options.health_host or options.host, options.health_port, None
        )

    def _secrets(self) -> tuple[str, ssl.SSLContext | None]:
        options = self._options
        token = keep_token(options.data_folder, options.token)
        if not options.encrypted:
            return token, None
        return token, server_context(
            options.data_folder, options.host, options.certificate, options.key
        )
