"""Waits grow, vary, and stay within their bounds."""

from plantroom_server.secure_connect.backoff import Backoff


def test_waits_double_within_their_bounds_and_begin_anew():
    backoff = Backoff(10, 600)

    waits = [backoff.next_seconds() for _ in range(12)]
    backoff.reset()

    assert all(10 <= wait <= 600 for wait in waits)
    assert waits[0] <= 12.5
    assert 60 <= waits[3] <= 100
    assert min(waits[8:]) >= 450
    assert backoff.next_seconds() <= 12.5


def test_nodes_of_a_site_do_not_try_together():
    waits = {round(Backoff(10, 600).next_seconds(), 6) for _ in range(50)}
    second = set()
    for _ in range(50):
        backoff = Backoff(10, 600)
        backoff.next_seconds()
        second.add(round(backoff.next_seconds(), 6))

    assert len(waits) > 20
    assert len(second) > 40
