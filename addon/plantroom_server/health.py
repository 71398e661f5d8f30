"""The second port: whether the server lives, whether it serves, and its metrics."""

from aiohttp import web

from .metrics import Metrics
from .served_engine import ServedEngine


def health_application(engine: ServedEngine, metrics: Metrics) -> web.Application:
    """Return what answers /health/live, /health/ready and /metrics."""

    async def live(_request: web.Request) -> web.Response:
        return web.Response(text="live\n")

    async def ready(_request: web.Request) -> web.Response:
        if engine.ready:
            return web.Response(text="ready\n")
        return web.Response(text="starting\n", status=503)

    async def exposition(request: web.Request) -> web.Response:
        accept = request.headers.get("Accept", "")
        body, content_type = await metrics.exposition(accept)
        return web.Response(body=body, headers={"Content-Type": content_type})

    application = web.Application()
    application.router.add_get("/health/live", live)
    application.router.add_get("/health/ready", ready)
    application.router.add_get("/metrics", exposition)
    return application
