"""Which objects are points, and how they are called."""

import pytest
from bacpypes3.basetypes import ServicesSupported
from bacpypes3.primitivedata import ObjectType

from custom_components.plantroom.engine.bacnet.description.object_types import (
    OBJECT_TYPE_NAMES,
    OBJECT_TYPES,
    object_id_of,
    reference_of,
)
from custom_components.plantroom.engine.bacnet.names.enumerations import RELIABILITIES
from custom_components.plantroom.engine.bacnet.names.service_names import (
    SERVICES,
    service_names,
)
from custom_components.plantroom.engine.bacnet.octets.encoding import ObjectId
from custom_components.plantroom.engine.errors import UnknownTargetError
from custom_components.plantroom.engine.models import Access, PointRole


def test_object_types_have_the_names_of_bacpypes3():
    theirs = dict(ObjectType._asn1_map)
    known = OBJECT_TYPE_NAMES.known
    assert {number: known[number] for number in theirs} == theirs


def test_services_have_the_names_of_bacpypes3():
    theirs = {
        number: name.replace("who-amI", "who-am-i")
        for name, number in ServicesSupported._bitstring_names.items()
    }
    assert {number: SERVICES.known[number] for number in theirs} == theirs


def test_services_are_the_bits_that_are_set():
    bits = [False] * 12 + [True, False, True] + [False] * 60 + [True]
    assert service_names(bits) == (
        "read-property",
        "read-property-multiple",
        "service-75",
    )


def test_reliabilities_have_the_names_of_bacpypes3():
    from bacpypes3.basetypes import Reliability

    assert RELIABILITIES.known == dict(Reliability._asn1_map)


@pytest.mark.parametrize("number", [*OBJECT_TYPES, 8, 63, 130, 1023])
def test_reference_leads_back_to_the_object(number):
    object_id = ObjectId(number, 4194302)
    assert object_id_of(reference_of(object_id)) == object_id


def test_type_may_be_given_as_a_number():
    assert object_id_of(" 0 , 7 ") == ObjectId(0, 7)


@pytest.mark.parametrize(
    "reference",
    ["", "analog-input", "analog-input,", "analog-input,-1", "analog-input,4194304",
     "analog-input,1,2", "1024,1", "nonsense,1", "analog-input,²"],
)  # fmt: skip
def test_what_names_no_object_is_refused(reference):
    with pytest.raises(UnknownTargetError):
        object_id_of(reference)


@pytest.mark.parametrize(
    "name",
    ["schedule", "calendar", "trend-log", "notification-class", "file", "program",
     "device", "network-port", "averaging"],
)  # fmt: skip
def test_objects_without_a_live_value_are_no_points(name):
    assert OBJECT_TYPE_NAMES.number(name) not in OBJECT_TYPES


def test_inputs_and_loops_are_read_only():
    for object_type in OBJECT_TYPES.values():
        if object_type.role in {PointRole.INPUT, PointRole.LOOP}:
            assert object_type.access is Access.READ_ONLY
