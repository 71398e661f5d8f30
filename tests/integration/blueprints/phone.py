"""A phone with the companion app: registers, is pushed to over HTTP, taps buttons."""

from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr

type Push = dict[str, Any]


class Phone:
    """One registration of mobile_app by its REST interface, and where its pushes go."""

    def __init__(self, hass: HomeAssistant, client: TestClient[Any, Any]) -> None:
        """Take a client that is logged in as the phone's person."""
        self._hass = hass
        self._client = client
        self._webhook_id = ""
        self._pushes = TestServer(web.Application())
        self.name = ""
        self.told: list[Push] = []

    async def register(self, name: str) -> None:
        """Register as the app does."""
        self.name = name
        self._pushes.app.router.add_post("/push", self._take)
        await self._pushes.start_server()
        answer = await self._client.post(
            "/api/mobile_app/registrations",
            json={
                "app_data": {
                    "push_token": "token",
                    "push_url": str(self._pushes.make_url("/push")),
                },
                "app_id": "test",
                "app_name": "Test",
                "app_version": "1",
                "device_id": name,
                "device_name": name,
                "manufacturer": "Test",
                "model": "Phone",
                "os_name": "Test",
                "os_version": "1",
                "supports_encryption": False,
            },
        )
        self._webhook_id = (await answer.json())["webhook_id"]
        await self._hass.async_block_till_done()

    async def close(self) -> None:
        """Take no more pushes."""
        await self._pushes.close()

    @property
    def device_id(self) -> str:
        """Return the phone's device in Home Assistant."""
        devices = dr.async_get(self._hass).devices
        return next(d.id for d in devices if ("mobile_app", self.name) in d.identifiers)

    @property
    def shown(self) -> dict[str, Push]:
        """Return what stands on the screen, by tag, as the app keeps it."""
        shown: dict[str, Push] = {}
        for push in self.told:
            tag = push["data"]["tag"]
            if push["message"] == "clear_notification":
                shown.pop(tag, None)
            else:
                shown[tag] = push
        return shown

    async def tap(self, push: Push, title: str, **extra: Any) -> None:
        """Tap the button of a notification whose title begins so."""
        buttons = push["data"]["actions"]
        tapped = next(b for b in buttons if b["title"].startswith(title))
        answer = await self._client.post(
            f"/api/webhook/{self._webhook_id}",
            json={
                "type": "fire_event",
                "data": {
                    "event_type": "mobile_app_notification_action",
                    "event_data": {"action": tapped["action"], **extra},
                },
            },
        )
        assert answer.status == 200

    async def _take(self, request: web.Request) -> web.Response:
        self.told.append(await request.json())
        return web.json_response({}, status=201)


async def person(hass: HomeAssistant, name: str) -> tuple[User, str]:
    """Return a user of Home Assistant with an access token."""
    user = await hass.auth.async_create_user(name, group_ids=["system-users"])
    refresh = await hass.auth.async_create_refresh_token(user, "http://phone/")
    return user, hass.auth.async_create_access_token(refresh)
