"""A hub that loses us is tried at once, and one that does so again and again later."""

from plantroom_server.secure_connect.backoff import Backoff
from plantroom_server.secure_connect.node_patience import QUICK_TRIES, Patience


def patience() -> Patience:
    return Patience(Backoff(10, 600), 60)


def test_a_few_losses_cost_no_time_and_more_cost_ever_more():
    hub = patience()
    for _ in range(QUICK_TRIES):
        hub.lost(100, 1)
        assert hub.rest_seconds(100) == 0

    hub.lost(100, 1)
    first = hub.rest_seconds(100)
    hub.lost(200, 1)
    second = hub.rest_seconds(200)

    assert 10 <= first <= 12.5
    assert 15 <= second <= 25
    assert hub.rest_seconds(200 + second) == 0


def test_a_connection_that_lasted_begins_anew():
    hub = patience()
    for _ in range(QUICK_TRIES + 2):
        hub.lost(100, 1)

    hub.lost(500, 60)

    assert hub.rest_seconds(500) == 0


def test_what_a_person_changes_is_tried_at_once():
    hub = patience()
    for _ in range(QUICK_TRIES + 2):
        hub.lost(100, 1)

    hub.forget()

    assert hub.rest_seconds(100) == 0
