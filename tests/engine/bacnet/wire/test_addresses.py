import pytest

from custom_components.plantroom.engine.bacnet.wire.addresses import BacnetAddress


@pytest.mark.parametrize(
    ("text", "station", "router"),
    [
        ("192.168.1.20", "192.168.1.20:47808", ""),
        ("192.168.1.20:47809", "192.168.1.20:47809", ""),
        ("2001:7@192.168.1.1", "2001:7", "192.168.1.1"),
        ("2001:0x0a0b@192.168.1.1:47810", "2001:0x0a0b", "192.168.1.1:47810"),
        ("02:1a:2b:3c:4d:5e", "0x021a2b3c4d5e", ""),
        ("02:1a:2b:3c:00:00", "0x021a2b3c0000", ""),
        ("2001:7@02:1a:2b:3c:4d:5e", "2001:7", "02:1a:2b:3c:4d:5e"),
    ],
)
def test_an_address_is_read_and_written_the_same(text, station, router):
    address = BacnetAddress.parse(text)
    assert str(address) == text
    assert address.station == station
    assert address.router == router


def test_a_text_without_a_port_means_the_network_s():
    assert BacnetAddress.parse(" 10.0.0.1 ", 47810).endpoint == ("10.0.0.1", 47810)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "device.example",
        "10.0.0.256",
        "10.0.0.1:0",
        "10.0.0.1:65536",
        "0:7@10.0.0.1",
        "65535:7@10.0.0.1",
        "5:256@10.0.0.1",
        "5:0x@10.0.0.1",
        "2001:7",
        "02:1a:2b:3c:4d",
        "02:1a:2b:3c:4d:5e:6f",
        "02:1a:2b:3c:4d:5e:47808",
        "021a2b3c4d5e",
    ],
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        BacnetAddress.parse(text)


def test_a_sender_behind_a_router_is_its_network_and_mac():
    address = BacnetAddress.of_sender(("10.0.0.1", 47808), b"\x07\xd1\x01\x07")
    assert str(address) == "2001:7@10.0.0.1"
    target = address.target(480)
    assert (target.network, target.mac, target.max_apdu) == (2001, b"\x07", 480)


@pytest.mark.parametrize(
    ("endpoint", "source"),
    [
        (("10.0.0.1", 0), b""),
        (("10.0.0.1", 47808), b"\x00\x00\x01\x07"),
        (("10.0.0.1", 47808), b"\xff\xff\x01\x07"),
        (("10.0.0.1", 47808), b"\x00\x05\x00"),
        (("10.0.0.1", 47808), b"\x00\x05\x13" + bytes(19)),
    ],
)
def test_a_sender_that_nobody_can_answer_is_refused(endpoint, source):
    with pytest.raises(ValueError, match=r"."):
        BacnetAddress.of_sender(endpoint, source)


def test_a_routed_device_is_the_same_by_another_router():
    one = BacnetAddress.parse("2001:7@10.0.0.1")
    assert one.is_same_device(BacnetAddress.parse("2001:7@10.0.0.2"))
    assert not one.is_same_device(BacnetAddress.parse("2001:8@10.0.0.1"))
    assert not one.is_same_device(BacnetAddress.parse("10.0.0.1"))


def test_a_vmac_is_one_address_however_it_is_written():
    assert BacnetAddress.parse("02:1A:2B:3C:4D:5E") == BacnetAddress(
        "02:1a:2b:3c:4d:5e", 0
    )


def test_octets_are_those_of_an_ip_endpoint_or_of_a_vmac():
    assert BacnetAddress.parse("10.0.0.1").octets == bytes.fromhex("0a000001bac0")
    assert BacnetAddress.parse("02:1a:2b:3c:00:00").octets.hex() == "021a2b3c0000"


def test_who_sends_from_no_udp_port_cannot_be_answered_but_a_vmac_has_none():
    with pytest.raises(ValueError, match="port"):
        BacnetAddress.of_sender(("10.0.0.1", 0), b"")
    sender = BacnetAddress.of_sender(("02:1a:2b:3c:4d:5e", 0), b"\x07\xd1\x01\x07")
    assert str(sender) == "2001:7@02:1a:2b:3c:4d:5e"
    assert str(sender.target(50)) == "2001:07 behind 02:1a:2b:3c:4d:5e"
