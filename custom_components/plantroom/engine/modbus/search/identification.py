"""Which device answers, and which profile fits it: a handful of reads, none of them a write."""

from collections.abc import Awaitable, Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ...errors import DeviceOfflineError, DeviceRefusedError, MalformedReplyError
from ..knowledge.profile import DeviceProfile, RegisterSign
from ..lines.unit_reader import UnitReader
from ..registers.codec import decode
from ..registers.register_map import RegisterPoint, Space, ValueType
from ..sunspec.chain import find_base
from ..unit.device_facts import DeviceFacts
from .profile_match import (
    MODEL_NAME,
    PRODUCT_CODE,
    PRODUCT_NAME,
    REVISION,
    VENDOR,
    Evidence,
    SignValue,
    best_profiles,
    candidates_of,
    sign_holds,
    where_of,
)

# Of registers that tell a device; SunSpec's marker and the texts come on top
MOST_SIGN_READS: Final = 12
LONGEST_TEXT: Final = 60


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


async def identify(reader: UnitReader, profiles: Collection[DeviceProfile]) -> Identity:
    """Return what a unit says it is; a unit that refuses everything is nobody known.

    Raises DeviceOfflineError for a unit that answers nothing, and NetworkError.
    """
    answered = _Answers(reader)
    evidence = await answered.texts()
    is_sunspec = await answered.is_sunspec()
    signs = await answered.signs(candidates_of(profiles, evidence))
    answered.raise_if_silent()
    evidence = replace(evidence, signs=signs)
    fitting = best_profiles(profiles, evidence)
    return Identity(
        facts=_facts(evidence),
        profiles=fitting,
        is_named=any(profile.identification.product for profile in fitting[:1]),
        is_sunspec=is_sunspec,
    )


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

    async def signs(
        self, candidates: Sequence[DeviceProfile]
    ) -> dict[RegisterSign, SignValue]:
        """Return what tells the candidates apart, as far as a few reads show it.

        Nothing more is read for a profile that is ruled out, nor at random once one
        that the device did not name is found.
        """
        read: dict[RegisterSign, SignValue] = {}
        for profile in candidates:
            wanted = profile.identification
            if await self._bears(wanted.registers, read) and not wanted.product:
                break
        return read

    async def _bears(
        self, signs: Sequence[RegisterSign], read: dict[RegisterSign, SignValue]
    ) -> bool:
        """Return whether all signs hold, reading those that were not."""
        for sign in signs:
            place = where_of(sign)
            if place not in read:
                if len(read) >= MOST_SIGN_READS:
                    return False
                read[place] = await self._sign(place)
            if not sign_holds(sign, read[place]):
                return False
        return True

    async def _sign(self, sign: RegisterSign) -> SignValue:
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
