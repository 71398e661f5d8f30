"""Names that more than one module of the integration needs."""

from typing import Final

from homeassistant.const import Platform

DOMAIN: Final = "plantroom"

SUBENTRY_BACNET_NETWORK: Final = "bacnet_network"
SUBENTRY_BACNET_DEVICE: Final = "bacnet_device"

CONF_NETWORK_ID: Final = "network_id"
CONF_INSTANCE: Final = "instance"
CONF_POINTS: Final = "points"
CONF_WRITABLE: Final = "writable"
CONF_PRIORITY: Final = "priority"
CONF_NAME_SOURCE: Final = "name_source"

NAME_SOURCE_NAME: Final = "name"
NAME_SOURCE_DESCRIPTION: Final = "description"

DEFAULT_PRIORITY: Final = 8

PLATFORMS: Final = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.TEXT,
)
