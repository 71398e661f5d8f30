"""The standard's names around events (clause 21)."""

from typing import Final

from .number_names import NumberNames

EVENT_TYPES: Final = NumberNames(
    (
        0,
        """
        change-of-bitstring change-of-state change-of-value command-failure
        floating-limit out-of-range complex-event-type
        """,
    ),
    (8, "change-of-life-safety extended buffer-ready unsigned-range"),
    (
        13,
        """
        access-event double-out-of-range signed-out-of-range unsigned-out-of-range
        change-of-characterstring change-of-status-flags change-of-reliability none
        change-of-discrete-value change-of-timer
        """,
    ),
    unknown="event-type-{}",
)
"""BACnetEventType."""

LIFE_SAFETY_STATES: Final = NumberNames(
    (
        0,
        """
        quiet pre-alarm alarm fault fault-pre-alarm fault-alarm not-ready active
        tamper test-alarm test-active test-fault test-fault-alarm holdup duress
        tamper-alarm abnormal emergency-power delayed blocked local-alarm
        general-alarm supervisory test-supervisory
        """,
    ),
    unknown="life-safety-state-{}",
)
"""BACnetLifeSafetyState."""

LIFE_SAFETY_MODES: Final = NumberNames(
    (
        0,
        """
        off on test manned unmanned armed disarmed prearmed slow fast disconnected
        enabled disabled automatic-release-disabled default
        """,
    ),
    unknown="life-safety-mode-{}",
)
"""BACnetLifeSafetyMode."""

LIFE_SAFETY_OPERATIONS: Final = NumberNames(
    (
        0,
        """
        none silence silence-audible silence-visual reset reset-alarm reset-fault
        unsilence unsilence-audible unsilence-visual
        """,
    ),
    unknown="life-safety-operation-{}",
)
"""BACnetLifeSafetyOperation."""

TIMER_STATES: Final = NumberNames((0, "idle running expired"), unknown="timer-state-{}")
"""BACnetTimerState."""

TIMER_TRANSITIONS: Final = NumberNames(
    (
        0,
        """
        none idle-to-running running-to-idle running-to-running running-to-expired
        forced-to-expired expired-to-idle expired-to-running
        """,
    ),
    unknown="timer-transition-{}",
)
"""BACnetTimerTransition."""
