"""What a counter has counted, whatever happens to the meter; pure.

Shown is raw + offset, where the offset is 0 until something happens: the total is what
the meter's face says. It never falls, and no jump is counted that nothing explains.
A reading that says something unusual is doubted: the total stays until another reading
agrees with it. What goes back to normal before that never counts.
"""

from dataclasses import dataclass, replace
from typing import Final

from .meter_state import Change, MeterState, Reach, Traits
from .pace import begun, counted, hurried, stepped
from .plausibility import (
    agrees,
    has_slipped,
    is_back,
    is_noise,
    is_wrapped,
    lenient_step,
    likely_step,
    modulus_passed,
    usual_step,
)

SETTLE_SECONDS: Final = 60.0
"""How long the incredible has to last: a device that restarts says 0 for a while."""

SECOND_LOOK_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a reading made of a counter."""

    state: MeterState
    change: Change = Change.NONE


def first_reading(raw: float, at: float) -> MeterState:
    """Return the state of a counter that nobody read before."""
    return MeterState(raw=raw, at=at, total=raw, pace=begun(raw, at))


def follow(state: MeterState, raw: float, at: float, traits: Traits) -> Step:
    """Return what a finite reading at a time makes of a counter.

    The same reading again tells that it still is so.
    """
    step, seconds = raw - state.raw, at - state.at
    if 0 <= step <= usual_step(state, seconds, traits):
        return Step(state=_counted(state, raw, at))
    if is_noise(step, raw) or has_slipped(state, raw, traits):
        return Step(state=state if state.doubted is None else _undoubted(state))
    modulus = modulus_passed(state, raw, seconds, traits)
    if modulus is not None:
        return _rolled(state, raw, at, modulus)
    doubted = state.doubted
    if doubted is None or not agrees(state, doubted, raw, at, traits):
        return Step(state=replace(state, doubted=Reach(raw=raw, at=at)))
    if at - doubted.at < _settling_seconds(state, raw, at, traits):
        return Step(state=state)
    return _judged(state, doubted, raw, at, traits)


def set_total(state: MeterState, total: float) -> MeterState:
    """Return the state of a counter that shows a total from now on."""
    return replace(
        state, total=total, offset=total - state.raw, doubted=None, before=None
    )


def begin_anew(state: MeterState, raw: float, at: float) -> MeterState:
    """Return the state after a replacement people spoke of: the total goes on."""
    return MeterState(
        raw=raw,
        at=at,
        total=state.total,
        offset=state.total - raw,
        pace=begun(raw, at, state.pace),
    )


def _settling_seconds(
    state: MeterState, raw: float, at: float, traits: Traits
) -> float:
    if raw > state.raw:
        bold = raw - state.raw <= lenient_step(state, at - state.at, traits)
    else:
        bold = traits.keeps_face and raw != 0
    return SECOND_LOOK_SECONDS if bold else SETTLE_SECONDS


def _judged(
    state: MeterState, doubted: Reach, raw: float, at: float, traits: Traits
) -> Step:
    """Return what happened, now that a second reading agrees with a doubted one."""
    if traits.keeps_face:
        pace = begun(raw, at, state.pace)
        return Step(state=MeterState(raw=raw, at=at, total=raw, pace=pace))
    if state.before is not None and is_back(state, doubted, traits):
        moved = _moved(state, raw, at, state.before.offset)
        return Step(state=replace(moved, before=None), change=Change.RETURNED)
    if doubted.raw > state.raw:
        return _jumped(state, doubted, raw, at, traits)
    return _fallen(state, doubted, raw, at, traits)


def _jumped(
    state: MeterState, doubted: Reach, raw: float, at: float, traits: Traits
) -> Step:
    jump, seconds = doubted.raw - state.raw, doubted.at - state.at
    if raw - doubted.raw > usual_step(state, at - doubted.at, traits):
        # It goes on as fast: a load that was never seen, and no other meter
        pace = hurried(state.pace, jump / max(seconds, 1.0))
        fast = replace(state, pace=pace, before=state.reach)
        return Step(state=_counted(fast, raw, at))
    if jump <= lenient_step(state, seconds, traits):
        coarse = replace(state, pace=stepped(state.pace, jump))
        return Step(state=_moved(coarse, raw, at, state.offset))
    offset = state.total - doubted.raw
    return Step(state=_moved(state, raw, at, offset), change=Change.REPLACED)


def _fallen(
    state: MeterState, doubted: Reach, raw: float, at: float, traits: Traits
) -> Step:
    seconds, modulus = doubted.at - state.at, traits.modulus
    if modulus is not None and is_wrapped(state.raw, doubted.raw, modulus):
        wrapped = doubted.raw + modulus - state.raw
        if wrapped <= likely_step(state, seconds, traits):
            return _rolled(state, raw, at, modulus)
    # What was counted since the reset; another meter begins wherever it does
    credit = doubted.raw if 0 <= doubted.raw <= state.pace.expected(seconds) else 0.0
    offset = state.total + credit - doubted.raw
    began_at_zero = credit > 0 or doubted.raw == 0
    return Step(
        state=_moved(state, raw, at, offset),
        change=Change.RESET if began_at_zero else Change.REPLACED,
    )


def _rolled(state: MeterState, raw: float, at: float, modulus: float) -> Step:
    moved = _moved(state, raw, at, state.offset + modulus)
    return Step(state=moved, change=Change.ROLLOVER)


def _counted(state: MeterState, raw: float, at: float) -> MeterState:
    return MeterState(
        raw=raw,
        at=at,
        total=max(state.total, raw + state.offset),
        offset=state.offset,
        pace=counted(state.pace, raw - state.raw, raw, at),
        before=state.before,
    )


def _moved(state: MeterState, raw: float, at: float, offset: float) -> MeterState:
    """Return the state with an offset; what was shown is never taken back."""
    return MeterState(
        raw=raw,
        at=at,
        total=max(state.total, raw + offset),
        offset=offset,
        pace=begun(raw, at, state.pace),
        before=state.reach,
    )


def _undoubted(state: MeterState) -> MeterState:
    return replace(state, doubted=None)
