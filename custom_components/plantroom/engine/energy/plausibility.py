"""Which readings of a counter are believed, and which agree with each other; pure."""

from typing import Final

from .meter_state import MeterState, Reach, Traits

NOISE: Final = 1e-6
"""What a float32 may lose, as a share of the reading."""

BOLD_SECONDS: Final = 900.0
LENIENT: Final = 10.0
LENIENT_SHARE: Final = 0.05
SLIP_SHARE: Final = 0.01
SLIP_SECONDS: Final = 5400.0
NEAR_MODULUS: Final = 0.9
NEAR_ZERO: Final = 0.1
LEAST_MODULUS: Final = 1000.0
RETURN_SECONDS: Final = 7 * 86400.0
STEADY: Final = 3.0


def usual_step(state: MeterState, seconds: float, traits: Traits) -> float:
    """Return the largest step in a time that is believed at once."""
    expected = state.pace.expected(seconds)
    return expected if state.pace.learned else max(expected, _bold(seconds, traits))


def likely_step(state: MeterState, seconds: float, traits: Traits) -> float:
    """Return the largest step that is likely; it grows with the time."""
    return max(LENIENT * state.pace.expected(seconds), _bold(seconds, traits))


def lenient_step(state: MeterState, seconds: float, traits: Traits) -> float:
    """Return the largest step that is believed when a second reading agrees.

    What was counted in a long outage is no other meter, nor is one that jumps by
    a small part of what it says.
    """
    return max(likely_step(state, seconds, traits), LENIENT_SHARE * abs(state.raw))


def is_noise(step: float, raw: float) -> bool:
    """Return whether a value fell by no more than its type loses, or not at all."""
    return -NOISE * abs(raw) <= step <= 0


def has_slipped(state: MeterState, raw: float, traits: Traits) -> bool:
    """Return whether a meter forgot its last hour, as after a loss of power.

    It is waited for, until it is again where it was.
    """
    if traits.keeps_face or raw > state.raw or not state.pace.learned:
        return False
    most = min(SLIP_SHARE * state.raw, SLIP_SECONDS * state.pace.fastest)
    return state.raw - raw <= most


def modulus_passed(
    state: MeterState, raw: float, seconds: float, traits: Traits
) -> float | None:
    """Return the modulus that makes a fall a usual step, or None.

    A counter whose pace is known may have as many digits as its face seems to have.
    """
    if raw >= state.raw or raw < 0 or traits.keeps_face:
        return None
    usual = usual_step(state, seconds, traits)
    for modulus in _moduli(state, traits):
        if (
            state.raw <= modulus
            and raw + modulus - state.raw <= usual
            and (state.pace.learned or is_wrapped(state.raw, raw, modulus))
        ):
            return modulus
    return None


def is_wrapped(old: float, new: float, modulus: float) -> bool:
    """Return whether a counter was near its end and now is near its beginning."""
    return NEAR_MODULUS * modulus <= old <= modulus and 0 <= new <= NEAR_ZERO * modulus


def agrees(
    state: MeterState, doubted: Reach, raw: float, at: float, traits: Traits
) -> bool:
    """Return whether a reading says the same as a doubted one before it."""
    up = doubted.raw > state.raw
    if up is not (raw > state.raw):
        return False
    more, seconds = raw - doubted.raw, at - doubted.at
    if traits.keeps_face or is_noise(more, raw):
        return True
    likely = usual_step(state, seconds, traits)
    if up:
        rate = (doubted.raw - state.raw) / max(doubted.at - state.at, 1.0)
        likely = max(likely, STEADY * rate * seconds)
    return 0 <= more <= likely


def is_back(state: MeterState, doubted: Reach, traits: Traits) -> bool:
    """Return whether a counter goes on from before something happened to it."""
    before = state.before
    if before is None or doubted.at - before.at > RETURN_SECONDS:
        return False
    if before.offset == state.offset and doubted.raw > state.raw:
        return False
    step = doubted.raw - before.raw
    return step >= -NOISE * abs(before.raw) and step <= lenient_step(
        state, doubted.at - before.at, traits
    )


def _moduli(state: MeterState, traits: Traits) -> list[float]:
    moduli = [] if traits.modulus is None else [traits.modulus]
    if state.pace.learned:
        digits = LEAST_MODULUS
        while digits < state.raw:
            digits *= 10
        moduli.append(digits)
    return moduli


def _bold(seconds: float, traits: Traits) -> float:
    return traits.bold * max(1.0, seconds / BOLD_SECONDS)
