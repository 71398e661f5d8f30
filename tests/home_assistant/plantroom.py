"""Plantroom inside Home Assistant: adding it by its own flow, and finding its entities."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from .api import HomeAssistantApi
from .config_flows import ConfigFlow

DOMAIN = "plantroom"
LOOPBACK = "127.0.0.1/8"
DERIVED = "~"
# What a device has beside its points; a dash comes first on a Modbus line
BESIDE_POINTS = {"connectivity", "overridden_points", "release_commands"}


class SetupError(Exception):
    """The config flow did not end in an entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLogin:
    """A server that serves nothing yet, on this machine without TLS."""

    host: str
    port: int
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """One of our entities.

    point: "2001:analog-value,1" or, on a Modbus line, "1:active_power"; "" for what is
    no point.
    """

    entity_id: str
    unique_id: str
    device_id: str | None
    disabled: bool
    point: str

    @property
    def platform(self) -> str:
        """Return "sensor" and the like."""
        return self.entity_id.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Entities:
    """Our entities as the registry has them."""

    all: tuple[Entity, ...]

    @classmethod
    async def load(cls, api: HomeAssistantApi) -> Entities:
        """Read the registry."""
        rows = await api.command("config/entity_registry/list")
        return cls(tuple(_entity(row) for row in rows if row["platform"] == DOMAIN))

    def of_point(self, instance: int, reference: str) -> str:
        """Return the entity of an object; reference is "analog-value,1"."""
        wanted = f"{instance}:{reference}"
        for entity in self.all:
            if entity.point == wanted:
                return entity.entity_id
        raise LookupError(f"no entity of {wanted}")

    def of_device(self, instance: int, key: str) -> str:
        """Return an entity that a device has beside its points: "connectivity"."""
        for entity in self.all:
            if entity.unique_id.endswith(f":{instance}:{key}"):
                return entity.entity_id
        raise LookupError(f"no {key} of {instance}")

    def with_key(self, key: str) -> list[Entity]:
        """Return the enabled ones that every device or network has beside its points."""
        ends = (f":{key}", f":-{key}")
        return [e for e in self.all if e.unique_id.endswith(ends) and not e.disabled]

    @property
    def of_points(self) -> list[Entity]:
        """Return those that show a point, disabled ones too."""
        return [e for e in self.all if e.point]

    @property
    def of_objects(self) -> list[Entity]:
        """Return those that show a BACnet object, disabled ones too."""
        return [e for e in self.of_points if "," in e.point]

    @property
    def of_registers(self) -> list[Entity]:
        """Return those that show what a Modbus unit holds, disabled ones too."""
        return [e for e in self.of_points if "," not in e.point]

    @property
    def enabled_points(self) -> list[str]:
        """Return the entities of points that are enabled and have a value at once.

        What is derived, a demand over minutes say, has none at first.
        """
        return [
            e.entity_id
            for e in self.all
            if e.point and not e.disabled and DERIVED not in e.point
        ]

    def points_of(self, instance: int) -> list[str]:
        """Return the enabled entities of one device's points."""
        start = f"{instance}:"
        return [
            e.entity_id
            for e in self.all
            if e.point.startswith(start) and not e.disabled
        ]

    def by_platform(self) -> dict[str, int]:
        """Return how many are enabled, by platform."""
        return dict(
            sorted(Counter(e.platform for e in self.all if not e.disabled).items())
        )


async def find_entry(api: HomeAssistantApi) -> dict[str, Any] | None:
    """Return our config entry, None before it is set up."""
    entries = await api.command("config_entries/get", domain=DOMAIN)
    return entries[0] if entries else None


async def find_devices(
    api: HomeAssistantApi, port: int, server: ServerLogin | None = None
) -> ConfigFlow:
    """Answer the first forms; return the flow at the list of the devices found.

    server: where the engine runs, None for in Home Assistant.
    """
    flow = await ConfigFlow.start(api, DOMAIN)
    if server is None:
        await flow.submit({"next_step_id": "direct"})
    else:
        await flow.submit({"next_step_id": "server"})
        step = await flow.submit({**asdict(server), "tls": "none"})
        if step["type"] != "menu":
            raise SetupError(f"the server is not taken: {step}")
    await flow.submit({"next_step_id": "bacnet_network"})
    step = await flow.submit(
        {
            "name": "Riverside Office",
            "address": LOOPBACK,
            "port": port,
            "instance": flow.default("instance"),
            "across_subnets": {"bbmd_ttl": 300},
        }
    )
    if step["type"] != "form" or step["step_id"] != "devices":
        raise SetupError(f"no list of devices but {step}")
    return flow


async def add_devices(flow: ConfigFlow, **answers: Any) -> dict[str, Any]:
    """Take the devices that are ticked; return the entry made.

    answers: to what the form asks beside, where they are not those it proposes.
    """
    step = await flow.submit({"devices": flow.default("devices")} | answers)
    if step["type"] != "create_entry":
        raise SetupError(f"no entry but {step}")
    entry: dict[str, Any] = step["result"]
    return entry


def _entity(row: dict[str, Any]) -> Entity:
    unique_id: str = row["unique_id"]
    _network, _, point = unique_id.partition(":")
    device, _, key = point.partition(":")
    # Hubs and subscriptions have names, not numbers
    is_point = (
        device.isdecimal()
        and bool(key)
        and not key.startswith("-")
        and key not in BESIDE_POINTS
    )
    return Entity(
        entity_id=row["entity_id"],
        unique_id=unique_id,
        device_id=row["device_id"],
        disabled=row["disabled_by"] is not None,
        point=point if is_point else "",
    )
