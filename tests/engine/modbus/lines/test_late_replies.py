"""How long a unit is let be after a request was given up."""

from custom_components.plantroom.engine.modbus.lines.late_replies import LateReplies

A, B = "a", "b"


def test_another_request_waits_until_the_reply_cannot_come_any_more():
    owed = LateReplies(3.0)
    owed.missed(1, A, 10.0)
    assert owed.wait_seconds(1, B, 11.0) == 2.0
    assert owed.wait_seconds(1, B, 13.0) == 0.0


def test_the_same_request_and_other_units_do_not_wait():
    owed = LateReplies(3.0)
    owed.missed(1, A, 10.0)
    assert owed.wait_seconds(1, A, 10.5) == 0.0
    assert owed.wait_seconds(2, B, 10.5) == 0.0


def test_a_repeated_request_may_be_answered_twice():
    """The reply may be the first one's, as late as that: so may be the second."""
    owed = LateReplies(3.0)
    owed.missed(1, A, 10.0)
    owed.answered(1, A, 10.5)
    assert owed.wait_seconds(1, B, 10.5) == 0.5
    assert owed.wait_seconds(1, B, 11.0) == 0.0


def test_a_reply_at_the_first_attempt_leaves_nothing_owed():
    owed = LateReplies(3.0)
    owed.answered(1, A, 10.0)
    assert owed.wait_seconds(1, B, 10.0) == 0.0


def test_a_request_that_is_repeated_is_owed_from_its_last_attempt_on():
    owed = LateReplies(3.0)
    owed.missed(1, A, 10.0)
    owed.missed(1, A, 12.0)
    assert owed.wait_seconds(1, B, 12.0) == 3.0
    owed.answered(1, A, 14.0)
    assert owed.wait_seconds(1, B, 14.0) == 3.0
