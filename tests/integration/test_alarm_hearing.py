"""How devices' own alarms are heard: asked when they are added, kept as it was said."""

from typing import Any

import pytest
from homeassistant.config_entries import SOURCE_RECONFIGURE, SOURCE_USER
from homeassistant.core import HomeAssistant

from custom_components.plantroom.engine.errors import DeviceRefusedError
from custom_components.plantroom.engine.requests import ReadPropertyRequest
from custom_components.plantroom.notification_classes import read_notification_classes
from custom_components.plantroom.setup_flow.alarm_hearing import (
    Hearing,
    hearing_data,
    hearing_of,
)

from .entries import AIR_HANDLER, BOILER, data_of, plantroom_entry, subentry
from .fake_engine import World
from .flow_steps import Walk, field, labels
from .office import AHU, open_office

WHO = ["all", "00:00:00", "23:59:59"]
HOW = [5, True, {"to-offnormal": True}]


def recipient(tag: int, octets: Any) -> list[Any]:
    return [*WHO, [{"tag": tag, "value": octets}], *HOW]


@pytest.mark.parametrize("hearing", [*Hearing])
def test_what_is_kept_says_how_alarms_are_heard(hearing: Hearing) -> None:
    assert hearing_of(hearing_data(hearing, {3, 1})) is hearing


def test_devices_from_before_it_was_asked_are_asked_for_their_alarms() -> None:
    assert hearing_of({}) is Hearing.ASK


@pytest.mark.parametrize(
    ("hearing", "alarms", "classes"),
    [(None, True, ()), ("all", True, None), ("ignore", False, ())],
)
async def test_it_is_asked_once_for_all_devices_that_are_added(
    hass: HomeAssistant,
    world: World,
    walk: Walk,
    hearing: str | None,
    alarms: bool,
    classes: tuple[int, ...] | None,
) -> None:
    entry = plantroom_entry(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    world.found = [AIR_HANDLER, BOILER]
    menu = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "bacnet_device"), context={"source": SOURCE_USER}
    )
    form = await walk.choose(menu, "discovering")
    assert field(form, "hearing")[1].config["options"] == ["ask", "all", "ignore"]
    everybody = ["1001@10.10.10.20", "1002@10.10.10.21"]
    said = {} if hearing is None else {"hearing": hearing}
    await walk.answer(form, {"devices": everybody, **said})
    await hass.async_block_till_done()
    for device in world.running[0].site.devices:
        assert (device.alarms, device.notification_classes) == (alarms, classes)


def classes_of(world: World, *recipients: list[Any]) -> None:
    """Let the air handler have a class with these recipients."""
    told = [part for each in recipients for part in each]
    objects = ["device,1001", "analog-input,1", "notification-class,7"]
    world.answers = {
        (AHU, "device,1001", "object-list"): objects,
        (AHU, "notification-class,7", "object-name"): "HVAC",
        (AHU, "notification-class,7", "recipient-list"): told,
    }


async def form_of(hass: HomeAssistant, walk: Walk, world: World) -> Any:
    entry, _ = await open_office(hass, world)
    menu = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "bacnet_device"),
        context={
            "source": SOURCE_RECONFIGURE,
            "subentry_id": subentry(entry, f"device:{AHU}").subentry_id,
        },
    )
    return await walk.choose(menu, "alarms")


async def test_recipients_are_named_as_far_as_they_are_known(
    hass: HomeAssistant, world: World, walk: Walk
) -> None:
    classes_of(
        world,
        recipient(0, f"{8 << 22 | 1001:08x}"),
        recipient(0, f"{8 << 22 | 77:08x}"),
        recipient(0, f"{8 << 22 | 4194000:08x}"),
        recipient(1, [0, "0a0a0a01bac0"]),
        recipient(0, "not hexadecimal"),
    )
    form = await form_of(hass, walk, world)
    assert labels(form, "classes") == [
        "7 HVAC: tells AHU-1, device 77, this system, 2 by address"
    ]


async def test_half_a_recipient_is_left_out(world: World) -> None:
    classes_of(world, recipient(0, f"{8 << 22 | 77:08x}"), WHO)

    class Client:
        async def read_property(self, request: ReadPropertyRequest) -> Any:
            return await world.connection()._read_property(request)

    (found,) = await read_notification_classes(Client(), AHU)  # type: ignore[arg-type]
    assert found.devices == (77,)


async def test_a_class_that_hides_its_recipients_can_still_be_chosen(
    hass: HomeAssistant, world: World, walk: Walk
) -> None:
    classes_of(world)
    refused = DeviceRefusedError("no", device="AHU-1", reason="read-access-denied")
    answers = dict(world.answers)
    del answers[AHU, "notification-class,7", "recipient-list"]
    del answers[AHU, "notification-class,7", "object-name"]

    class Refusing(dict[Any, Any]):
        def __missing__(self, key: Any) -> Any:
            raise refused

    world.answers = Refusing(answers)
    form = await form_of(hass, walk, world)
    assert labels(form, "classes") == ["7: does not show its recipients"]


async def test_a_class_chosen_before_stays_although_the_device_has_it_no_more(
    hass: HomeAssistant, world: World, walk: Walk
) -> None:
    world.answers = {(AHU, "device,1001", "object-list"): ["device,1001"]}
    entry, _ = await open_office(hass, world, alarms=True, notification_classes=[3])
    menu = await hass.config_entries.subentries.async_init(
        (entry.entry_id, "bacnet_device"),
        context={
            "source": SOURCE_RECONFIGURE,
            "subentry_id": subentry(entry, f"device:{AHU}").subentry_id,
        },
    )
    form = await walk.choose(menu, "alarms")
    assert form["description_placeholders"]["classes"] == (
        "The device has no Notification Class."
    )
    assert labels(form, "classes") == ["3"]
    await walk.answer(form, {"hearing": "choice", "classes": ["3"]})
    assert data_of(entry, f"device:{AHU}")["notification_classes"] == [3]
