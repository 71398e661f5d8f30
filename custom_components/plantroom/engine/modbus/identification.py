"""Which device answers, and which profile fits it: a handful of reads, none of them a write."""

from collections.abc import Awaitable, Collection
from dataclasses import dataclass, field, replace
from typing import Final

from ..errors import DeviceOfflineError, DeviceRefusedError, MalformedReplyError
from .codec import decode
from .device_facts import DeviceFacts
from .profile import DeviceProfile, Identification, RegisterSign
from .register_map import RegisterPoint, Space, ValueType
from .sunspec.chain import find_base
from .unit_reader import UnitReader

# Of registers that tell a device; SunSpec's marker and the texts come on top
MOST_SIGN_READS: Final = 6
# Ids of Read Device Identification's objects (V1.1b3, 6.21)
VENDOR, PRODUCT_CODE, REVISION, PRODUCT_NAME, MODEL_NAME = 0, 1, 2, 4, 5
LONGEST_TEXT: Final = 60

type SignValue = int | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a unit turned out to be.

    profiles: which fit, best first. is_named: the first was named by the device.
    is_sunspec: it bears SunSpec's marker.
    """

    facts: DeviceFacts = field(default_factory=DeviceFacts)
    profiles: tuple[DeviceProfile, ...] = ()
    is_named: bool = False
    is_sunspec: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was read; texts: of the device about itself, by object id.

    signs: what the registers that were read hold, by where_of(), None where refused.
    """

    texts: dict[int, str] = field(default_factory=dict)
    server_id: str = ""
    signs: dict[RegisterSign, SignValue] = field(default_factory=dict)


async def identify(reader: UnitReader, profiles: Collection[DeviceProfile]) -> Identity:
    """Return what a unit says it is; a unit that refuses everything is nobody known.

    Raises DeviceOfflineError for a unit that answers nothing, and NetworkError.
    """
    answered = _Answers(reader)
    evidence = await answered.texts()
    is_sunspec = await answered.is_sunspec()
    asked = _signs_worth_reading(profiles, evidence)
    signs = {sign: await answered.sign(sign) for sign in asked[:MOST_SIGN_READS]}
    answered.raise_if_silent()
    evidence = replace(evidence, signs=signs)
    fitting = best_profiles(profiles, evidence)
    return Identity(
        facts=_facts(evidence),
        profiles=fitting,
        is_named=any(profile.identification.product for profile in fitting[:1]),
        is_sunspec=is_sunspec,
    )


def best_profiles(
    profiles: Collection[DeviceProfile], evidence: Evidence
) -> tuple[DeviceProfile, ...]:
    """Return the profiles that fit, those of which more holds first; pure."""
    weights = {
        profile.id: _weight(profile.identification, evidence) for profile in profiles
    }
    fitting = [profile for profile in profiles if weights[profile.id]]
    return tuple(sorted(fitting, key=lambda profile: -weights[profile.id]))


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


def _says(wanted: str, evidence: Evidence, objects: tuple[int, ...]) -> bool:
    texts = [evidence.texts.get(number, "") for number in objects]
    return any(
        wanted.casefold() in text.casefold() for text in (*texts, evidence.server_id)
    )


def _signs_worth_reading(
    profiles: Collection[DeviceProfile], evidence: Evidence
) -> list[RegisterSign]:
    """Return the registers of profiles that can still fit, those named first."""
    named: list[RegisterSign] = []
    others: list[RegisterSign] = []
    for profile in profiles:
        wanted = profile.identification
        texts = replace(wanted, registers=())
        if (wanted.vendor or wanted.product) and not _weight(texts, evidence):
            continue
        (named if wanted.vendor or wanted.product else others).extend(wanted.registers)
    return list(dict.fromkeys(where_of(sign) for sign in (*named, *others)))


def _facts(evidence: Evidence) -> DeviceFacts:
    texts = evidence.texts
    model = texts.get(MODEL_NAME) or texts.get(PRODUCT_NAME) or texts.get(PRODUCT_CODE)
    return DeviceFacts(
        vendor=texts.get(VENDOR, ""),
        model=model or evidence.server_id,
        firmware=texts.get(REVISION, ""),
    )


class _Answers:
    """Asks one unit, takes refusals for answers, and gives up on one that is silent."""

    def __init__(self, reader: UnitReader) -> None:
        self._reader = reader
        self._answered = False
        self._silence: DeviceOfflineError | None = None

    def raise_if_silent(self) -> None:
        """Raise the first DeviceOfflineError of a unit that never answered."""
        if self._silence is not None and not self._answered:
            raise self._silence

    async def texts(self) -> Evidence:
        """Return what the device says of itself, in objects or, without, in one text."""
        objects = await self._ask(self._reader.read_device_identification())
        texts = {
            number: text
            for number, octets in (objects or {}).items()
            if (text := _printable(octets))
        }
        if texts or not self._answered:
            # Who is silent to one unusual function is so to the other
            return Evidence(texts=texts)
        server_id = await self._ask(self._reader.report_server_id())
        return Evidence(server_id=_server_text(server_id or b""))

    async def is_sunspec(self) -> bool:
        """Return whether SunSpec's marker is where it may be."""
        base = await self._ask(find_base(self._reader, (Space.HOLDING,)))
        return base is not None

    async def sign(self, sign: RegisterSign) -> SignValue:
        """Return what a register that tells the device holds."""
        point = _point_of(sign)
        words = await self._ask(
            self._reader.read(sign.space, sign.address, point.words)
        )
        if words is None:
            return None
        value, _ = decode(point, words)
        return value if isinstance(value, str | None) else int(value)

    async def _ask[T](self, request: Awaitable[T]) -> T | None:
        try:
            answer = await request
        except DeviceRefusedError, MalformedReplyError:
            self._answered = True
            return None
        except DeviceOfflineError as err:
            self._silence = self._silence or err
            return None
        self._answered = True
        return answer


def _point_of(sign: RegisterSign) -> RegisterPoint:
    return RegisterPoint(
        key="sign",
        name="sign",
        address=sign.address,
        space=sign.space,
        type=ValueType.BOOL if sign.space.of_bits else sign.type,
        length=sign.length,
        word_order=sign.word_order,
    )


def _printable(octets: bytes) -> str:
    text = octets.decode("utf-8", errors="replace").replace("\ufffd", "")
    return "".join(c for c in text if c.isprintable()).strip()[:LONGEST_TEXT]


def _server_text(octets: bytes) -> str:
    """Return the readable part of a server id, whose first and last octets are not.

    The layout is the maker's (V1.1b3, 6.13): an id, a run indicator, more.
    """
    text = _printable(octets)
    letters = sum(c.isalnum() for c in text)
    return text if letters > 2 else ""
