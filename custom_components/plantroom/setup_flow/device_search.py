"""The steps that look for devices and let a person choose; every flow has them."""

import asyncio
from abc import abstractmethod
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar
from uuid import uuid4

import probatio
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.const import CONF_ADDRESS
from homeassistant.data_entry_flow import FlowContext, FlowHandler, FlowResult
from homeassistant.helpers.selector import (
    BooleanSelector,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from ..client import EngineClient
from ..const import CONF_BACKFILL, CONF_INSTANCE
from ..engine.bacnet.wire.addresses import BacnetAddress
from ..engine.errors import PlantroomError
from ..engine.events import EngineEvent, Progress
from ..engine.models import FoundDevice
from ..engine.requests import ScanRequest
from ..engine.secure_connect.configuration import SecureNetworkConfig
from ..engine.site_config import BacnetNetworkConfig
from ..failure_text import Failure, failure_text
from ..site import device_subentry, device_unique_id
from .alarm_hearing import CONF_HEARING, Hearing, hearing_by, hearing_selector
from .device_labels import device_labels, duplicates_hint
from .last_search import keep_found
from .network_check import NetworkFaultError
from .network_form import INSTANCE

CONF_DEVICES = "devices"
SEARCH_SECONDS = 600.0
ONE_DEVICE_SECONDS = 30.0

_SEARCH_ERRORS = (PlantroomError, NetworkFaultError, TimeoutError)


class DeviceSearch[C: FlowContext, R: FlowResult[Any, Any], H](FlowHandler[C, R, H]):
    """Search with progress, search one address, choose; ends in `_take_devices`."""

    # What may be done when nothing was found: ids of steps.
    _ways_on: ClassVar[list[str]] = ["discovering", "by_address"]
    _may_choose_none = False

    def __init__(self) -> None:
        """Start without a search."""
        super().__init__()
        self._search: asyncio.Task[tuple[FoundDevice, ...]] | None = None
        self._progress: dict[str, str] = {}
        self._found: tuple[FoundDevice, ...] = ()
        self._asked_by_address = False
        self._failure: Failure = TimeoutError()

    @abstractmethod
    def _network(self) -> BacnetNetworkConfig | SecureNetworkConfig:
        """Return the network to search."""

    @abstractmethod
    def _engine(self) -> AbstractAsyncContextManager[EngineClient]:
        """Lend a client whose engine runs the network."""

    @abstractmethod
    def _known(self) -> set[str | None]:
        """Return the unique ids of the devices that are configured."""

    @abstractmethod
    async def _take_devices(self, devices: list[ConfigSubentryData]) -> R:
        """End the flow with the devices chosen."""

    async def async_step_discovering(
        self, _user_input: dict[str, Any] | None = None
    ) -> R:
        """Search the whole network and show how far it is."""
        if self._search is None:
            network = self._network()
            self._progress = {"network": network.name, "found": "0"}
            # Not eager: a search that is over at once would hand the answers of the
            # form before it to the step after it.
            self._search = self.hass.async_create_task(
                self._search_all(network.network_id),
                f"plantroom search {network.name}",
                eager_start=False,
            )
        if not self._search.done():
            return self.async_show_progress(
                step_id="discovering",
                progress_action="discovering",
                description_placeholders=self._progress,
                progress_task=self._search,
            )
        search, self._search = self._search, None
        return self.async_show_progress_done(next_step_id=self._after(search))

    async def async_step_search_failed(
        self, _user_input: dict[str, Any] | None = None
    ) -> R:
        """Say why the search ended early."""
        return self.async_show_menu(
            step_id="search_failed",
            menu_options=self._ways_on,
            description_placeholders={
                "reason": await failure_text(self.hass, self._failure)
            },
        )

    async def async_step_nothing_found(
        self, _user_input: dict[str, Any] | None = None
    ) -> R:
        """Say what to check."""
        network = self._network()
        if isinstance(network, SecureNetworkConfig):
            return self.async_show_menu(
                step_id="nobody_on_hub",
                menu_options=self._ways_on,
                description_placeholders={"network": network.name},
            )
        return self.async_show_menu(
            step_id="nothing_found",
            menu_options=self._ways_on,
            description_placeholders={
                "address": network.address,
                "port": str(network.port),
            },
        )

    async def async_step_nobody_on_hub(
        self, _user_input: dict[str, Any] | None = None
    ) -> R:
        """Say what to check where a hub passes the search on."""
        return await self.async_step_nothing_found()

    async def async_step_without_devices(
        self, _user_input: dict[str, Any] | None = None
    ) -> R:
        """Go on with the network alone."""
        return await self._take_devices([])

    async def async_step_by_address(
        self, user_input: dict[str, Any] | None = None
    ) -> R:
        """Ask one address, or for one instance."""
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = await self._ask_one(user_input)
            if not errors:
                return await self.async_step_devices()
        schema = probatio.Schema(
            {
                probatio.Optional(CONF_ADDRESS): TextSelector(),
                probatio.Optional(CONF_INSTANCE): INSTANCE,
            }
        )
        return self.async_show_form(
            step_id="by_address",
            data_schema=self.add_suggested_values_to_schema(schema, user_input),
            errors=errors,
            description_placeholders={
                "reason": await failure_text(self.hass, self._failure)
            },
        )

    async def async_step_devices(self, user_input: dict[str, Any] | None = None) -> R:
        """Choose among the devices found."""
        errors: dict[str, str] = {}
        if user_input is not None:
            chosen = [
                device
                for device in self._found
                if _option(device) in user_input[CONF_DEVICES]
            ]
            error = self._refuse(chosen)
            if error is None:
                return await self._take_devices(
                    [self._found_subentry(device, user_input) for device in chosen]
                )
            errors[CONF_DEVICES] = error
        return self.async_show_form(
            step_id="devices",
            data_schema=await self._devices_schema(user_input),
            errors=errors,
            description_placeholders={
                "network": self._network().name,
                "count": str(len(self._found)),
                "duplicates": await duplicates_hint(self.hass, self._found),
            },
        )

    def _found_subentry(
        self, device: FoundDevice, answers: dict[str, Any]
    ) -> ConfigSubentryData:
        subentry = hearing_by(
            device_subentry(device, self._fixed_address(device)),
            Hearing(answers[CONF_HEARING]),
        )
        if answers[CONF_BACKFILL]:
            subentry["data"] = {**subentry["data"], CONF_BACKFILL: True}
        return subentry

    async def _search_all(self, network_id: str) -> tuple[FoundDevice, ...]:
        request = ScanRequest(network_id=network_id, task_id=uuid4().hex)

        def on_change(event: EngineEvent) -> None:
            if isinstance(event, Progress) and event.task_id == request.task_id:
                self._show_progress(event)

        async with asyncio.timeout(SEARCH_SECONDS), self._engine() as client:
            unsubscribe = client.listen_changes(on_change)
            try:
                found = await client.scan(request)
            finally:
                unsubscribe()
        keep_found(self.hass, network_id, found)
        return found

    def _show_progress(self, progress: Progress) -> None:
        self.async_update_progress(min(max(progress.fraction, 0.0), 1.0))
        if progress.text.isdigit() and progress.text != self._progress["found"]:
            self._progress = {**self._progress, "found": progress.text}
            self.async_notify_flow_changed()

    def _after(self, search: asyncio.Task[tuple[FoundDevice, ...]]) -> str:
        try:
            self._found = self._new(search.result())
        except _SEARCH_ERRORS as err:
            self._failure = err
            return "search_failed"
        self._asked_by_address = False
        return "devices" if self._found else "nothing_found"

    async def _ask_one(self, answers: dict[str, Any]) -> dict[str, str]:
        """Look for one device; return the form's errors, none when it answered."""
        address = answers.get(CONF_ADDRESS, "").strip()
        instance = answers.get(CONF_INSTANCE)
        if not address and instance is None:
            return {"base": "address_or_instance"}
        try:
            request = self._request_for(address, instance)
        except ValueError:
            return {CONF_ADDRESS: "bad_address"}
        try:
            async with asyncio.timeout(ONE_DEVICE_SECONDS), self._engine() as client:
                answered = await client.scan(request)
        except _SEARCH_ERRORS as err:
            self._failure = err
            return {"base": "search_failed"}
        if not answered:
            return {"base": "no_answer"}
        self._found = self._new(answered)
        self._asked_by_address = bool(address)
        return {} if self._found else {"base": "already_configured"}

    def _request_for(self, address: str, instance: float | None) -> ScanRequest:
        if address:
            _check_address(address, self._network())
        plain = ScanRequest(network_id="", task_id="")
        return ScanRequest(
            network_id=self._network().network_id,
            task_id=uuid4().hex,
            low=plain.low if instance is None else int(instance),
            high=plain.high if instance is None else int(instance),
            address=address,
        )

    def _new(self, answered: Sequence[FoundDevice]) -> tuple[FoundDevice, ...]:
        known = self._known()
        return tuple(
            sorted(
                (
                    device
                    for device in answered
                    if device_unique_id(device.network_id, device.instance) not in known
                ),
                key=lambda device: (device.name.casefold(), device.instance),
            )
        )

    async def _devices_schema(self, answers: dict[str, Any] | None) -> probatio.Schema:
        labels = await device_labels(self.hass, self._found)
        ticked = [_option(d) for d in self._found if not d.duplicate_of]
        selector = SelectSelector(
            SelectSelectorConfig(
                options=[
                    SelectOptionDict(value=_option(device), label=label)
                    for device, label in zip(self._found, labels, strict=True)
                ],
                multiple=True,
                mode=SelectSelectorMode.LIST,
            )
        )
        default = ticked if answers is None else answers[CONF_DEVICES]
        hearing = Hearing.ASK if answers is None else answers[CONF_HEARING]
        backfill = False if answers is None else answers[CONF_BACKFILL]
        return probatio.Schema(
            {
                probatio.Required(CONF_DEVICES, default=default): selector,
                probatio.Required(CONF_HEARING, default=hearing): hearing_selector(
                    [Hearing.ASK, Hearing.ALL, Hearing.IGNORE]
                ),
                probatio.Required(CONF_BACKFILL, default=backfill): BooleanSelector(),
            }
        )

    def _refuse(self, chosen: Sequence[FoundDevice]) -> str | None:
        if not chosen and not self._may_choose_none:
            return "nothing_chosen"
        if len({device.device_id for device in chosen}) < len(chosen):
            return "same_instance"
        return None

    def _declined(self, chosen: Sequence[ConfigSubentryData]) -> set[int]:
        """Return the instances that were found and are not among the chosen."""
        taken = {item["data"][CONF_INSTANCE] for item in chosen}
        return {device.instance for device in self._found} - taken

    def _fixed_address(self, device: FoundDevice) -> str:
        """Return the address to hold on to where Who-Is would not find this device."""
        alone = [d.device_id for d in self._found].count(device.device_id) == 1
        if alone and not device.duplicate_of and not self._asked_by_address:
            return ""
        return device.address


def _check_address(
    address: str, network: BacnetNetworkConfig | SecureNetworkConfig
) -> None:
    """Raise ValueError for what is no address on a network of its kind."""
    is_secure = isinstance(network, SecureNetworkConfig)
    if BacnetAddress.parse(address).is_secure is not is_secure:
        raise ValueError(f"{address} is of another kind of network")


def _option(device: FoundDevice) -> str:
    return f"{device.instance}@{device.address}"
