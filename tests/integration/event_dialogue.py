"""The dialogues of event stores and subscriptions, with a server made of data."""

from typing import Any

from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section

from custom_components.plantroom.engine.site_config import SiteConfig

from .entries import NETWORK, subentry
from .fake_engine import World
from .fake_gateway import served_entry

BARE = SiteConfig(networks=(NETWORK,))
KURRENTDB = {
    "name": "Plant DB",
    "uri": "kurrentdb://db.local:2113",
    "user": "gateway",
    "password": "secret",
    "certificates": {},
}
MQTT = {
    "http": False,
    "mqtt": True,
    "host": "broker.local",
    "port": 8883,
    "topic": "plant/+/events",
    "user": "gateway",
    "password": "secret",
    "tls": True,
}


async def set_up(hass: HomeAssistant, site: SiteConfig = BARE, **facts: Any) -> Any:
    """Set up an entry of a server."""
    entry = served_entry(hass, site, **facts)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    return entry


async def begin(hass: HomeAssistant, entry: Any, kind: str) -> Any:
    """Open the dialogue that adds a subentry."""
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, kind), context={"source": SOURCE_USER}
    )


async def change(hass: HomeAssistant, entry: Any, unique_id: str) -> Any:
    """Open the dialogue that changes a subentry."""
    item = subentry(entry, unique_id)
    return await hass.config_entries.subentries.async_init(
        (entry.entry_id, item.subentry_type),
        context={"source": SOURCE_RECONFIGURE, "subentry_id": item.subentry_id},
    )


def site_of(world: World) -> SiteConfig:
    """Return what the running engine is asked for."""
    return world.running[0].site


def shown_in(form: Any) -> str:
    """Return all that a form's fields hold before a person fills them."""
    found = []
    for marker, selector in form["data_schema"].schema.items():
        default = getattr(marker, "default", None)
        found += [marker.description, default() if callable(default) else None]
        if isinstance(selector, section):
            found.append(shown_in({"data_schema": selector.schema}))
    return str([found, form.get("description_placeholders")])
