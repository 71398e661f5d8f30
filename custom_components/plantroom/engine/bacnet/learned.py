"""What a device taught us, kept over restarts: limits, COV slots, recipient lists."""

from dataclasses import dataclass
from typing import Self

from mashumaro.codecs.json import JSONDecoder, JSONEncoder
from mashumaro.exceptions import InvalidFieldValue, MissingField

from .reading.device_limits import DeviceLimits, LimitsSnapshot

DEFAULT_MAX_APDU = 480


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    limits: LimitsSnapshot
    cov_slots: int | None = None
    recipient_of: tuple[int, ...] = ()


_encode = JSONEncoder(_Kept).encode
_decode = JSONDecoder(_Kept).decode


class Learned:
    """One device's lessons and whether they are kept yet."""

    def __init__(self, limits: DeviceLimits, cov_slots: int | None) -> None:
        """Start from these."""
        self.limits = limits
        self.cov_slots = cov_slots
        self.recipient_of: tuple[int, ...] = ()
        self._kept = ""

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return what to_json() said; nothing learned for a text it did not write."""
        try:
            kept = _decode(text)
        except ValueError, MissingField, InvalidFieldValue:
            return cls(DeviceLimits(DEFAULT_MAX_APDU), None)
        learned = cls(DeviceLimits.restore(kept.limits), kept.cov_slots)
        learned.recipient_of = kept.recipient_of
        learned._kept = text
        return learned

    def to_json(self) -> str:
        """Return all that is worth keeping."""
        kept = _Kept(
            limits=self.limits.snapshot(),
            cov_slots=self.cov_slots,
            recipient_of=self.recipient_of,
        )
        return str(_encode(kept))

    def changed(self, text: str) -> bool:
        """Return whether a text is other than the one that was kept last."""
        return self._kept != text

    def kept(self, text: str) -> None:
        """Take that a text is kept, or cannot be."""
        self._kept = text
