"""What a survey makes of devices that answer oddly."""

import math
import struct

import pytest

from custom_components.plantroom.engine.bacnet.description.survey import (
    OBJECTS_A_BATCH,
    Survey,
    SurveyFailure,
    survey_device,
)
from custom_components.plantroom.engine.bacnet.names.property_ids import PropertyId as P
from custom_components.plantroom.engine.bacnet.octets.encoding import (
    BitString,
    Constructed,
    Double,
    Enumerated,
    ObjectId,
)
from custom_components.plantroom.engine.bacnet.who_is import IAm
from custom_components.plantroom.engine.bacnet.wire.addresses import BacnetAddress
from custom_components.plantroom.engine.errors import (
    DeviceOfflineError,
    DeviceRefusedError,
)
from custom_components.plantroom.engine.models import (
    Access,
    Point,
    PointKind,
    PointRole,
)
from tests.engine.bacnet.fake_source import DEVICE, FakeSource, Refusal

AI, AO, AV, BV, LOOP, MSV, ACCUMULATOR = 0, 1, 2, 5, 12, 19, 23
PRIORITIES = (None,) * 16
REAL_MAXIMUM = struct.unpack(">f", b"\x7f\x7f\xff\xff")[0]
ADDRESS = BacnetAddress.parse("2001:7@127.0.1.1")
I_AM = IAm(
    instance=1234, address=str(ADDRESS), max_apdu=128, segmentation=3, vendor_id=42
)


async def survey(objects, i_am=I_AM, progress=lambda fraction, text: None) -> Survey:
    return await survey_device(
        FakeSource(objects),
        network_id="n",
        instance=1234,
        address=ADDRESS,
        i_am=i_am,
        progress=progress,
    )


async def point_of(object_type, properties) -> Point:
    found = await survey({(object_type, 1): {P.OBJECT_NAME: "Point"} | properties})
    (point,) = found.points
    return point


async def test_device_says_what_it_is():
    found = await survey(
        {
            DEVICE: {
                P.OBJECT_NAME: " AHU 1\x00",
                P.VENDOR_NAME: "Northwind",
                P.VENDOR_IDENTIFIER: 7,
                P.MODEL_NAME: "M",
                P.FIRMWARE_REVISION: "1.2",
                P.APPLICATION_SOFTWARE_VERSION: "3",
                P.SERIAL_NUMBER: "S",
                P.DESCRIPTION: "D",
                P.LOCATION: "Roof",
                P.PROTOCOL_SERVICES_SUPPORTED: BitString((False,) * 12 + (True,)),
                P.MAX_APDU_LENGTH_ACCEPTED: 1476,
                P.SEGMENTATION_SUPPORTED: Enumerated(1),
                P.DATABASE_REVISION: 9,
            }
        }
    )
    device = found.device
    assert (device.device_id, device.name, device.vendor, device.vendor_id) == (
        "n:1234", "AHU 1", "Northwind", 7,
    )  # fmt: skip
    assert (device.model, device.firmware, device.software, device.serial_number) == (
        "M", "1.2", "3", "S",
    )  # fmt: skip
    assert (device.description, device.location) == ("D", "Roof")
    assert (device.services, device.max_apdu) == (("read-property",), 1476)
    assert (device.segmentation, device.database_revision) == (True, 9)
    assert (device.address, device.router) == ("2001:7@127.0.1.1", "127.0.1.1")
    assert found.others == ("device,1234",)


async def test_silent_device_object_falls_back_to_the_i_am():
    device = (await survey({})).device
    assert (device.name, device.max_apdu, device.vendor_id) == ("device,1234", 128, 42)
    assert (device.segmentation, device.database_revision) == (False, None)


async def test_absurd_device_properties_are_not_believed():
    found = await survey(
        {DEVICE: {P.MAX_APDU_LENGTH_ACCEPTED: 1, P.OBJECT_NAME: 5}}, i_am=None
    )
    assert (found.device.max_apdu, found.device.name) == (480, "device,1234")


async def test_absurd_i_am_is_not_believed_either():
    i_am = IAm(instance=1234, address="", max_apdu=0, segmentation=9, vendor_id=42)
    device = (await survey({}, i_am=i_am)).device
    assert (device.max_apdu, device.segmentation) == (480, False)


async def test_analog_value_is_described():
    point = await point_of(
        AV,
        {
            P.DESCRIPTION: "Setpoint",
            P.UNITS: Enumerated(62),
            P.MIN_PRES_VALUE: 10.0,
            P.MAX_PRES_VALUE: 30.0,
            P.RESOLUTION: 0.5,
            P.COV_INCREMENT: 0.1,
            P.PRIORITY_ARRAY: PRIORITIES,
        },
    )
    assert point == Point(
        point_id="n:1234:analog-value,1",
        device_id="n:1234",
        reference="analog-value,1",
        kind=PointKind.ANALOG,
        role=PointRole.VALUE,
        access=Access.COMMANDABLE,
        name="Point",
        description="Setpoint",
        unit="degrees-celsius",
        minimum=10.0,
        maximum=30.0,
        resolution=0.5,
        cov_increment=0.1,
    )


@pytest.mark.parametrize(
    ("object_type", "array", "access"),
    [
        (AV, PRIORITIES, Access.COMMANDABLE),
        (AV, Refusal("unknown-property"), Access.PLAIN),
        (AV, Refusal("timeout"), Access.PLAIN),
        (AO, PRIORITIES, Access.COMMANDABLE),
        (AO, Refusal("read-access-denied"), Access.COMMANDABLE),
        (AO, Refusal("unknown-property"), Access.PLAIN),
        (AI, PRIORITIES, Access.READ_ONLY),
        (LOOP, PRIORITIES, Access.READ_ONLY),
    ],
)
async def test_access_follows_the_priority_array(object_type, array, access):
    point = await point_of(object_type, {P.PRIORITY_ARRAY: array})
    assert point.access is access


@pytest.mark.parametrize(
    ("low", "high", "minimum", "maximum"),
    [
        (-math.inf, math.inf, None, None),
        (math.nan, 5.0, None, 5.0),
        (-REAL_MAXIMUM, REAL_MAXIMUM, None, None),
        (Double(-1.7e308), Double(1.7e308), None, None),
        (0.0, 0.0, None, None),
        (30.0, 10.0, None, None),
        ("low", True, None, None),
        (Refusal("timeout"), 7, None, 7.0),
    ],
)
async def test_limits_that_say_nothing_are_none(low, high, minimum, maximum):
    point = await point_of(AI, {P.MIN_PRES_VALUE: low, P.MAX_PRES_VALUE: high})
    assert (point.minimum, point.maximum) == (minimum, maximum)


@pytest.mark.parametrize("number", [0.0, -1.0, math.nan, "0.1"])
async def test_resolution_that_says_nothing_is_none(number):
    assert (await point_of(AI, {P.RESOLUTION: number})).resolution is None


async def test_real_is_the_decimal_that_was_meant():
    real = struct.unpack(">f", struct.pack(">f", 0.1))[0]
    point = await point_of(AI, {P.RESOLUTION: real, P.COV_INCREMENT: Double(real)})
    assert (point.resolution, point.cov_increment) == (0.1, real)


async def test_loop_takes_unit_and_limits_of_its_output():
    point = await point_of(
        LOOP,
        {
            P.OUTPUT_UNITS: Enumerated(98),
            P.MINIMUM_OUTPUT: 0.0,
            P.MAXIMUM_OUTPUT: 100.0,
        },
    )
    assert (point.unit, point.minimum, point.maximum) == ("percent", 0.0, 100.0)
    assert point.role is PointRole.LOOP


@pytest.mark.parametrize(
    ("raw", "scale"),
    [
        (b"\x0c" + struct.pack(">f", 0.5), 0.5),
        (b"\x19\xff", 0.1),
        (b"\x0c" + struct.pack(">f", 0.0), 1.0),
        (b"\x19\x03", 1000.0),
        (b"\x19\x7f", 1.0),
        (b"\x0c" + struct.pack(">f", math.nan), 1.0),
        (b"\x0c\x01", 1.0),
        (b"\x0e\x0f", 1.0),
        (b"\x1b\x01\x00\x00", 1.0),
    ],
)
async def test_accumulator_has_its_scale(raw, scale):
    point = await point_of(
        ACCUMULATOR, {P.SCALE: Constructed(raw), P.MAX_PRES_VALUE: 1000}
    )
    assert point.kind is PointKind.COUNTER
    assert point.scale == pytest.approx(scale)
    assert point.maximum == pytest.approx(1000 * scale)


async def test_light_is_a_percentage_from_0_to_100():
    point = await point_of(54, {P.PRIORITY_ARRAY: PRIORITIES})
    assert (point.unit, point.minimum, point.maximum) == ("percent", 0.0, 100.0)
    assert point.access is Access.COMMANDABLE


@pytest.mark.parametrize("object_type", [39, 42, 44, 50])
async def test_dates_times_and_bit_strings_are_texts_to_read(object_type):
    point = await point_of(object_type, {P.PRIORITY_ARRAY: PRIORITIES})
    assert (point.kind, point.access) == (PointKind.TEXT, Access.READ_ONLY)


async def test_states_are_filled_up_to_their_number():
    point = await point_of(MSV, {P.NUMBER_OF_STATES: 3, P.STATE_TEXT: ("Off",)})
    assert point.states == ("Off", "State 2", "State 3")


async def test_state_texts_too_long_for_one_reply_are_read_one_by_one():
    texts = Refusal("abort-segmentation-not-supported", ("Off", "Low", None))
    point = await point_of(MSV, {P.NUMBER_OF_STATES: 3, P.STATE_TEXT: texts})
    assert point.states == ("Off", "Low", "State 3")


async def test_state_texts_refused_altogether_leave_the_number_of_states():
    refused = Refusal("read-access-denied")
    point = await point_of(MSV, {P.NUMBER_OF_STATES: 2, P.STATE_TEXT: refused})
    assert point.states == ("State 1", "State 2")


async def test_binary_texts_come_inactive_first():
    point = await point_of(BV, {P.INACTIVE_TEXT: "Off", P.ACTIVE_TEXT: "On"})
    assert point.states == ("Off", "On")


async def test_refused_property_loses_just_itself():
    found = await survey(
        {
            (AI, 1): {P.OBJECT_NAME: Refusal("timeout"), P.UNITS: Enumerated(62)},
            (AI, 2): {P.OBJECT_NAME: "Room", P.UNITS: Refusal("read-access-denied")},
        }
    )
    assert [(point.name, point.unit) for point in found.points] == [
        ("analog-input,1", "degrees-celsius"),
        ("Room", ""),
    ]
    assert found.failures == (
        SurveyFailure(
            reference="analog-input,1", property_name="object-name", error="timeout"
        ),
        SurveyFailure(
            reference="analog-input,2",
            property_name="units",
            error="read-access-denied",
        ),
    )


async def test_duplicate_names_get_their_references():
    found = await survey(
        {(AI, 1): {P.OBJECT_NAME: "Temp"}, (AI, 2): {P.OBJECT_NAME: "Temp "}}
    )
    assert [point.name for point in found.points] == [
        "Temp (analog-input,1)",
        "Temp (analog-input,2)",
    ]


async def test_what_is_no_point_is_kept_as_a_reference():
    found = await survey({(17, 1): {}, (130, 5): {}, (AI, 1): {}})
    assert [point.reference for point in found.points] == ["analog-input,1"]
    assert found.others == ("schedule,1", "130,5", "device,1234")


async def test_object_that_is_listed_but_not_there_is_no_point():
    listed = (ObjectId(AI, 1), ObjectId(AI, 2), ObjectId(AI, 1), None)
    found = await survey(
        {DEVICE: {P.OBJECT_LIST: listed}, (AI, 1): {P.OBJECT_NAME: "T"}}
    )
    assert [point.reference for point in found.points] == ["analog-input,1"]
    assert found.others == ("analog-input,2",)
    assert found.failures == ()


async def test_large_device_is_read_in_batches_with_progress():
    count = 5000
    source = FakeSource({(AI, n): {P.OBJECT_NAME: f"T{n}"} for n in range(count)})
    seen: list[tuple[float, str]] = []
    found = await survey_device(
        source,
        network_id="n",
        instance=1234,
        address=ADDRESS,
        progress=lambda fraction, text: seen.append((fraction, text)),
    )
    assert len(found.points) == count
    assert source.most_refs <= OBJECTS_A_BATCH * 8
    assert seen == sorted(seen, key=lambda each: each[0])
    assert seen[-1] == (1.0, "5000/5000")


async def test_device_without_points_ends_its_progress():
    seen: list[tuple[float, str]] = []
    await survey({}, progress=lambda fraction, text: seen.append((fraction, text)))
    assert seen[-1] == (1.0, "0/0")


async def test_silent_device_is_offline():
    with pytest.raises(DeviceOfflineError):
        await survey_device(
            FakeSource({}, online=False),
            network_id="n",
            instance=1234,
            address=ADDRESS,
        )


async def test_object_list_that_is_refused_ends_the_survey():
    with pytest.raises(DeviceRefusedError, match="no"):
        await survey({DEVICE: {P.OBJECT_LIST: Refusal("read-access-denied")}})
