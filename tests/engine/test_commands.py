"""Commands are declared where they are done, with their types."""

from dataclasses import is_dataclass
from typing import Any

import pytest

from custom_components.plantroom.engine.commands import command, commands_of
from custom_components.plantroom.engine.engine import Engine
from custom_components.plantroom.engine.errors import UnknownCommandError
from custom_components.plantroom.engine.requests import Snapshot, WatchRequest
from tests.site import SiteHost


class Shop:
    @command("open")
    async def open_shop(self) -> int:
        return 1

    @command("sell")
    async def sell(self, name: str) -> bool:
        return bool(name)

    async def count_money(self) -> None:
        """Is nobody's command."""


def test_only_declared_methods_are_commands():
    assert commands_of(Shop).keys() == {"open", "sell"}


def test_command_knows_its_types_and_its_method():
    found = commands_of(Shop)
    assert (found["open"].request, found["open"].result) == (None, int)
    assert (found["sell"].request, found["sell"].result) == (str, bool)
    assert found["open"].method == "open_shop"


def test_every_command_of_the_engine_is_named_like_its_method_and_fully_typed():
    found = commands_of(Engine)
    assert found.keys() == {
        "snapshot", "events_since", "configure", "watch", "scan", "survey", "write",
        "read_property", "set_meter", "site", "preview", "register_map",
        "read_registers", "modbus_profiles", "alarms", "alarms_since", "alarm_values",
        "acknowledge_alarm", "shelve_alarm", "unshelve_alarm", "set_maintenance",
        "alarm_suggestions", "audit_log", "verify_audit_log", "hours", "trend_logs",
        "interfaces", "leases", "take_leases", "drop_leases", "end_bound_leases",
        "meter_records", "take_meter_records", "parked_events", "replay_parked",
        "secure_hub_nodes", "check_secure_network", "certificates", "make_authority",
        "issue_credentials", "request_credentials", "import_credentials",
        "renew_credentials", "trust_authority", "distrust_authority",
        "remove_credentials", "read_request", "sign_request", "export_credentials",
        "check_event_store", "resume_subscription",
    }  # fmt: skip
    for each in found.values():
        assert each.name == each.method
        assert each.result is not Any
        assert each.request in {None, int, str} or is_dataclass(each.request)
    assert found["watch"].request is WatchRequest
    assert found["snapshot"].result is Snapshot


async def test_unknown_command_is_refused_by_name():
    with pytest.raises(UnknownCommandError) as caught:
        await Engine(SiteHost()).call("dance")
    assert caught.value.facts == {"command": "dance"}


async def test_method_that_is_no_command_cannot_be_called():
    with pytest.raises(UnknownCommandError):
        await Engine(SiteHost()).call("stop")
