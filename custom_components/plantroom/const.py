"""Names that Home Assistant keeps: never change one without a migration."""

from typing import Final

from homeassistant.const import Platform

DOMAIN: Final = "plantroom"
TITLE: Final = "Plantroom"

CONNECTION: Final = "connection"
DIRECT: Final = "direct"
SERVER: Final = "server"

SUBENTRY_NETWORK: Final = "bacnet_network"
SUBENTRY_DEVICE: Final = "bacnet_device"
SUBENTRY_LINE: Final = "modbus_line"
SUBENTRY_UNIT: Final = "modbus_device"
SUBENTRY_SECURE_HUB: Final = "secure_hub"
SUBENTRY_SECURE_NETWORK: Final = "secure_network"
SUBENTRY_ALARM_RULE: Final = "alarm_rule"
SUBENTRY_STORE: Final = "event_store"
SUBENTRY_SUBSCRIPTION: Final = "event_subscription"

# The slug of the add-on that is the server, which we start and update; "" for none
CONF_ADDON: Final = "addon"
CONF_ALARMS: Final = "alarms"
# A device's wish that its past is filled in from its logs, until it is granted
CONF_BACKFILL: Final = "backfill"
CONF_BBMD: Final = "bbmd"
CONF_BBMD_TTL: Final = "bbmd_ttl"
CONF_CHANGE_OF_VALUE: Final = "change_of_value"
CONF_CLIENT_ID: Final = "client_id"
# A device's wish to be on the Energy dashboard, until it is granted
CONF_DASHBOARD_ROLE: Final = "dashboard_role"
CONF_DECLINED: Final = "declined"
CONF_FINGERPRINT: Final = "fingerprint"
# Whether the server's site is shown as it is, and nothing of it is changed from here
CONF_FOLLOWS: Final = "follows"
CONF_INSTANCE: Final = "instance"
CONF_METERING: Final = "metering"
CONF_NAME_SOURCE: Final = "name_source"
CONF_NETWORK_ID: Final = "network_id"
CONF_NOTIFICATION_CLASSES: Final = "notification_classes"
# Whether a device is Plantroom itself, shown because events fill it with objects
CONF_OWN: Final = "own"
CONF_POINT_ID: Final = "point_id"
CONF_POINTS: Final = "points"
CONF_POLL_SECONDS: Final = "poll_seconds"
CONF_PRIORITY: Final = "priority"
CONF_REGISTERS: Final = "registers"
CONF_STORE_ID: Final = "store_id"
CONF_SWAP_WORDS: Final = "swap_words"
CONF_TLS: Final = "tls"
CONF_TRANSPORT: Final = "transport"
CONF_UNIT_ID: Final = "unit_id"
CONF_WRITABLE: Final = "writable"

NAME_SOURCE_NAME: Final = "name"
NAME_SOURCE_DESCRIPTION: Final = "description"

PLATFORMS: Final = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.EVENT,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.TEXT,
    Platform.TODO,
)
