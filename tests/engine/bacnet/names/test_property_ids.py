"""Property identifiers are the standard's."""

import pytest
from bacpypes3.basetypes import PropertyIdentifier

from custom_components.plantroom.engine.bacnet.names.property_ids import (
    PROPERTIES,
    PropertyId,
    property_name,
    property_number,
)


def test_every_property_of_bacpypes3_has_its_name():
    theirs = dict(PropertyIdentifier._asn1_map)
    assert len(theirs) > 400
    assert {number: PROPERTIES.known.get(number) for number in theirs} == theirs


@pytest.mark.parametrize("property_id", PropertyId)
def test_property_we_read_has_the_number_of_its_name(property_id):
    assert property_number(property_id.name.lower().replace("_", "-")) == property_id


def test_number_as_text_is_taken():
    assert property_number("87") == property_number("priority-array") == 87


def test_proprietary_property_is_named_by_its_number():
    assert property_name(512) == "512"
    assert property_number("512") == 512


@pytest.mark.parametrize("name", ["", "present_value", "-1", "1.5", "²", "9" * 30])
def test_what_is_no_property_has_no_number(name):
    assert property_number(name) is None
