"""A unit that answered a search, described as far as it tells."""

from collections.abc import Collection
from dataclasses import replace

from ...models import FoundDevice
from ..knowledge.profile import DeviceProfile
from ..lines.unit_reader import UnitReader
from ..point_source import SUNSPEC
from ..sunspec import discover
from ..unit.device_facts import DeviceFacts
from .identification import Identity, identify


async def describe_unit(
    found: FoundDevice, reader: UnitReader, profiles: Collection[DeviceProfile]
) -> FoundDevice:
    """Return a found unit with what it says of itself and the profile that fits.

    Raises DeviceOfflineError, NetworkError.
    """
    identity = await identify(reader, profiles)
    profile = identity.profiles[0] if identity.profiles else None
    if identity.is_sunspec and not identity.is_named:
        device = await discover(reader)
        if device is not None:
            said = _with_facts(found, device.facts)
            return replace(said, profile=SUNSPEC, points=len(device.points))
    said = _with_facts(found, _facts_of(identity))
    if profile is None:
        return said
    return replace(said, profile=profile.id, points=len(profile.points))


def _facts_of(identity: Identity) -> DeviceFacts:
    """Return what the device says, and for what it does not say, its profile."""
    facts = identity.facts
    if not identity.profiles:
        return facts
    profile = identity.profiles[0]
    return replace(
        facts,
        vendor=facts.vendor or profile.maker,
        model=facts.model or profile.model,
    )


def _with_facts(found: FoundDevice, facts: DeviceFacts) -> FoundDevice:
    return replace(
        found,
        name=f"{facts.vendor} {facts.model}".strip(),
        vendor=facts.vendor,
        model=facts.model,
        firmware=facts.firmware,
    )
