"""The steps that move an entry's engine to a server, and back."""

import asyncio
from ipaddress import IPv4Interface
from typing import Any, Final

import probatio
from homeassistant.config_entries import ConfigEntry, ConfigFlowResult, ConfigSubentry
from homeassistant.const import CONF_ADDRESS
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..const import CONNECTION, DIRECT, SUBENTRY_NETWORK, TITLE
from ..engine.errors import PlantroomError
from ..engine_move import Move, move_engine
from ..failure_text import failure_text
from ..server_settings import ServerSettings, settings_data
from .adoption_steps import entry_title
from .discovery_steps import DiscoverySteps
from .engine_place import EnginePlace, InHomeAssistant, OnServer, interfaces_of
from .interfaces import Interface
from .server_check import ServerFacts

CONF_WITHOUT_TOTALS: Final = "without_totals"


class MoveSteps(DiscoverySteps):
    """Ask what the other machine needs to be told, then move."""

    def __init__(self) -> None:
        """Start with nowhere to go."""
        super().__init__()
        self._target: tuple[dict[str, Any], str, str] | None = None
        self._served_there = ""
        self._take_over = False
        self._addresses: dict[str, str] = {}
        self._without_totals = False
        self._moving: asyncio.Task[None] | None = None

    async def async_step_move_to_app(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Move to the app."""
        return await self.async_step_app()

    async def async_step_move_to_server(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Move to a server elsewhere."""
        return await self.async_step_server()

    async def async_step_move_home(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Move into Home Assistant."""
        if self._is_taken(DIRECT):
            return self.async_abort(reason="already_set_up")
        self._settings = None
        return await self._go_to({CONNECTION: DIRECT}, DIRECT, TITLE)

    async def async_step_move_interfaces(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask at which of the other machine's interfaces each network is."""
        lost = await self._networks_without_interface()
        if user_input is not None:
            self._addresses = {
                item.subentry_id: user_input[item.title] for item in lost
            }
            return await self.async_step_move_confirm()
        interfaces = await interfaces_of(self._destination())
        selector = _selector(interfaces)
        schema = {
            probatio.Required(item.title, default=interfaces[0].address): selector
            for item in lost
        }
        return self.async_show_form(
            step_id="move_interfaces", data_schema=probatio.Schema(schema)
        )

    async def async_step_move_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say what becomes of what, and ask."""
        if user_input is not None:
            self._without_totals = user_input[CONF_WITHOUT_TOTALS]
            return await self.async_step_moving()
        schema = {
            probatio.Required(CONF_WITHOUT_TOTALS, default=False): BooleanSelector()
        }
        return self.async_show_form(
            step_id="move_replacing" if self._served_there else "move_confirm",
            data_schema=probatio.Schema(schema),
            description_placeholders={
                "where": self._target[2] if self._target else "",
                "served": self._served_there,
            },
        )

    async def async_step_move_replacing(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask where what the server serves now is replaced."""
        return await self.async_step_move_confirm(user_input)

    async def async_step_moving(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Move and show that it takes a moment."""
        if self._moving is None:
            self._moving = self.hass.async_create_task(
                self._move(), "plantroom move engine", eager_start=False
            )
        if not self._moving.done():
            return self.async_show_progress(
                step_id="moving", progress_action="moving", progress_task=self._moving
            )
        return self.async_show_progress_done(next_step_id="moved")

    async def async_step_moved(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say how it went."""
        moving, self._moving = self._moving, None
        try:
            if moving is not None:
                moving.result()
        except PlantroomError as err:
            return self.async_abort(
                reason="move_failed",
                description_placeholders={"reason": await failure_text(self.hass, err)},
            )
        return self.async_abort(reason="moved")

    async def _move_to(
        self, settings: ServerSettings, facts: ServerFacts
    ) -> ConfigFlowResult:
        """Move to a server that answered."""
        if self._is_taken(facts.server_id):
            return self.async_abort(reason="server_already_set_up")
        if facts.configured_by == "file":
            return self.async_abort(reason="decided_by_file")
        self._take_over = not facts.may_configure
        self._served_there = str(len(facts.site.all_devices)) if facts.serves else ""
        return await self._go_to(
            settings_data(settings), facts.server_id, entry_title(settings)
        )

    async def _go_to(
        self, data: dict[str, Any], unique_id: str, title: str
    ) -> ConfigFlowResult:
        self._target = data, unique_id, title
        if await self._networks_without_interface():
            return await self.async_step_move_interfaces()
        return await self.async_step_move_confirm()

    async def _move(self) -> None:
        entry = self._get_reconfigure_entry()
        if self._target is None:
            return
        data, unique_id, title = self._target
        move = Move(
            data=data,
            unique_id=unique_id,
            title=title,
            addresses=self._addresses,
            take_over=self._take_over,
            without_totals=self._without_totals,
        )
        await move_engine(self.hass, entry, move)

    async def _networks_without_interface(self) -> list[ConfigSubentry]:
        """Return the BACnet networks whose address the other machine does not have."""
        entry: ConfigEntry = self._get_reconfigure_entry()
        there = {
            IPv4Interface(each.address).ip
            for each in await interfaces_of(self._destination())
        }
        return [
            item
            for item in entry.get_subentries_of_type(SUBENTRY_NETWORK)
            if not _is_there(IPv4Interface(item.data[CONF_ADDRESS]), there)
        ]

    def _destination(self) -> EnginePlace:
        if self._settings is None:
            return InHomeAssistant(self.hass)
        return OnServer(self.hass, self._settings)

    def _is_taken(self, unique_id: str) -> bool:
        """Return whether another entry has the engine that this one is to move to."""
        other = self.hass.config_entries.async_entry_for_domain_unique_id(
            self.handler, unique_id
        )
        return other is not None and other is not self._get_reconfigure_entry()


def _is_there(wanted: IPv4Interface, there: set[Any]) -> bool:
    return wanted.ip.is_loopback or wanted.ip in there


def _selector(interfaces: list[Interface]) -> SelectSelector:
    return SelectSelector(
        SelectSelectorConfig(
            options=[
                SelectOptionDict(
                    value=each.address, label=f"{each.name} — {each.address}"
                )
                for each in interfaces
            ],
            custom_value=True,
            mode=SelectSelectorMode.DROPDOWN,
        )
    )
