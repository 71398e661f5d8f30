"""Which profiles fit what a device said and what its registers hold; pure."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from ..knowledge.profile import DeviceProfile, Identification, RegisterSign

# Ids of Read Device Identification's objects (V1.1b3, 6.21)
VENDOR, PRODUCT_CODE, REVISION, PRODUCT_NAME, MODEL_NAME = 0, 1, 2, 4, 5

type SignValue = int | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was read; texts: of the device about itself, by object id.

    signs: what the registers that were read hold, by where_of(), None where refused.
    """

    texts: dict[int, str] = field(default_factory=dict)
    server_id: str = ""
    signs: dict[RegisterSign, SignValue] = field(default_factory=dict)


def best_profiles(
    profiles: Collection[DeviceProfile], evidence: Evidence
) -> tuple[DeviceProfile, ...]:
    """Return the profiles that fit, those of which more holds first; pure."""
    weights = {
        profile.id: _weight(profile.identification, evidence) for profile in profiles
    }
    fitting = [profile for profile in profiles if weights[profile.id]]
    return tuple(sorted(fitting, key=lambda profile: -weights[profile.id]))


def candidates_of(
    profiles: Collection[DeviceProfile], evidence: Evidence
) -> list[DeviceProfile]:
    """Return the profiles that can still fit and want registers, those named first."""
    named: list[DeviceProfile] = []
    others: list[DeviceProfile] = []
    for profile in profiles:
        wanted = profile.identification
        if not wanted.registers:
            continue
        if not wanted.vendor and not wanted.product:
            others.append(profile)
        elif _weight(replace(wanted, registers=()), evidence):
            named.append(profile)
    return [*named, *others]


def where_of(sign: RegisterSign) -> RegisterSign:
    """Return a sign without what it should hold: what is read once for all profiles."""
    return replace(sign, equals=(), contains="")


def sign_holds(sign: RegisterSign, value: SignValue) -> bool:
    """Return whether a register says what it would on the device; pure."""
    if value is None or not (sign.equals or sign.contains):
        return False
    if sign.equals and value not in sign.equals:
        return False
    return sign.contains.casefold() in str(value).casefold()


def _weight(identification: Identification, evidence: Evidence) -> int:
    """Return how much of an identification holds, 0 when any of it does not."""
    weight = 0
    if identification.vendor:
        if not _says(identification.vendor, evidence, (VENDOR,)):
            return 0
        weight += 1
    if identification.product:
        names = (PRODUCT_CODE, PRODUCT_NAME, MODEL_NAME)
        if not _says(identification.product, evidence, names):
            return 0
        weight += 2
    for sign in identification.registers:
        if not sign_holds(sign, evidence.signs.get(where_of(sign))):
            return 0
        weight += 2
    return weight


def _says(wanted: str, evidence: Evidence, objects: tuple[int, ...]) -> bool:
    texts = [evidence.texts.get(number, "") for number in objects]
    return any(
        wanted.casefold() in text.casefold() for text in (*texts, evidence.server_id)
    )
