"""A cause that people have to mend becomes a problem until it is gone."""

from datetime import UTC, datetime

import pytest

from custom_components.plantroom.engine.event_bus import EventBus
from custom_components.plantroom.engine.events import (
    SecureHubChanged,
    SecureHubRemoved,
    SecureNetworkChanged,
    SecureNetworkRemoved,
)
from custom_components.plantroom.engine.models import ProblemCode
from custom_components.plantroom.engine.problems import Problems
from custom_components.plantroom.engine.secure_connect.configuration import (
    SecureConnectConfig,
    SecureHubConfig,
    SecureNetworkConfig,
)
from custom_components.plantroom.engine.secure_connect.hub_reports import HubReports
from custom_components.plantroom.engine.secure_connect.models import (
    HubConnection,
    SecureHubStatus,
    SecureNetworkStatus,
)

NOW = datetime(2026, 11, 21, tzinfo=UTC)
URI = "wss://192.0.2.1:4443"


@pytest.fixture
def events() -> EventBus:
    return EventBus()


@pytest.fixture
def problems(events: EventBus) -> Problems:
    found = Problems(events)
    reports = HubReports(found)
    reports.configure(
        SecureConnectConfig(
            networks=(
                SecureNetworkConfig(
                    network_id="sc", name="Tower", primary=URI, credentials="c"
                ),
            ),
            hubs=(SecureHubConfig(hub_id="h", name="Our hub", credentials="c"),),
        )
    )
    events.listen(reports.hear)
    return found


def network(reason: str, connection: HubConnection = HubConnection.NONE):
    status = SecureNetworkStatus(
        network_id="sc", connection=connection, since=NOW, reason=reason, detail="why"
    )
    return SecureNetworkChanged(status=status)


@pytest.mark.parametrize(
    "reason",
    ["hub_untrusted", "hub_certificate_expired", "hub_host_name", "vmac_refused"],
)
def test_cause_that_people_mend_is_a_problem(
    events: EventBus, problems: Problems, reason: str
):
    events.publish(network(reason))
    [problem] = problems.all()
    assert (problem.code, problem.subject) == (ProblemCode.HUB_NOT_JOINED, "sc")
    assert problem.facts == {
        "name": "Tower",
        "hub": URI,
        "reason": reason,
        "detail": "why",
    }
    events.publish(network("", HubConnection.PRIMARY))
    assert problems.all() == ()


def test_primary_that_is_not_trusted_is_a_problem_on_the_failover_too(
    events: EventBus, problems: Problems
):
    events.publish(network("hub_untrusted", HubConnection.FAILOVER))
    assert len(problems.all()) == 1
    events.publish(SecureNetworkRemoved(network_id="sc"))
    assert problems.all() == ()


def test_hub_that_is_away_for_a_while_is_none(events: EventBus, problems: Problems):
    events.publish(network("hub_unreachable"))
    assert problems.all() == ()


def test_hub_that_cannot_listen_is_a_problem(events: EventBus, problems: Problems):
    status = SecureHubStatus(hub_id="h", listening=False, since=NOW, reason="port")
    events.publish(SecureHubChanged(status=status))
    [problem] = problems.all()
    assert problem.code is ProblemCode.HUB_NOT_LISTENING
    assert problem.facts["name"] == "Our hub"
    events.publish(SecureHubRemoved(hub_id="h"))
    assert problems.all() == ()
