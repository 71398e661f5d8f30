"""What comes in on one network goes out where it belongs, once, and never in circles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custom_components.plantroom.engine.bacnet.octets.tags import MalformedFrameError
from custom_components.plantroom.engine.bacnet.routing.npdu import (
    EVERYWHERE,
    MessageType,
    Npdu,
    RejectReason,
    Station,
    decode,
    message,
    numbers,
    numbers_in,
)
from custom_components.plantroom.engine.bacnet.routing.router import Router

from .internetwork import EVERYBODY, MOST_FRAMES, Wire, World, router_between

PLAIN, SECURE, FAR = 10, 20, 300
US, THERE = b"\x02\x00\x00\x00\x00\x01", b"\x02\x00\x00\x00\x00\x02"
DEVICE, CLIENT = b"\x0a\x00\x00\x07\xba\xc0", b"\x02\x1a\x2b\x3c\x00\x00"
OTHER = b"\x02\x00\x00\x00\x00\x99"
WHO_IS = b"\x10\x08"


class Site:
    """Two networks and our router between them, its announcements past."""

    def __init__(self) -> None:
        self.now = 0.0
        self.world = World()
        self.plain, self.secure = Wire(self.world), Wire(self.world)
        self.router = router_between(
            {PLAIN: (self.plain, US), SECURE: (self.secure, THERE)}, lambda: self.now
        )
        self.world.settle()
        self.forget_sent()

    def forget_sent(self) -> None:
        self.plain.sent.clear()
        self.secure.sent.clear()

    def say(self, wire: Wire, npdu: Npdu, source: bytes, mac: bytes) -> None:
        wire.send(npdu.encode(), source, mac)
        wire.sent.pop()
        self.world.settle()


@pytest.fixture
def site() -> Site:
    return Site()


def only(wire: Wire) -> tuple[Npdu, bytes]:
    """Return the one NPDU that our router sent to a network, and its MAC there."""
    ((octets, _, mac),) = wire.sent
    return decode(octets, 0), mac


def reject_of(wire: Wire) -> tuple[int, int, bytes]:
    npdu, mac = only(wire)
    assert npdu.message_type == MessageType.REJECT
    return npdu.body[1], int.from_bytes(npdu.body[2:4]), mac


def test_on_its_last_hop_a_message_loses_its_destination_and_says_where_it_is_from(
    site,
):
    request = Npdu(control=4, destination=Station(PLAIN, DEVICE), body=b"\x00\x05\x01")
    site.say(site.secure, request, CLIENT, THERE)
    npdu, mac = only(site.plain)
    assert mac == DEVICE
    assert npdu == Npdu(
        control=0x0C, source=Station(SECURE, CLIENT), body=b"\x00\x05\x01"
    )
    assert not site.secure.sent


def test_the_answer_finds_its_way_back(site):
    answer = Npdu(control=0, destination=Station(SECURE, CLIENT), body=b"\x30\x01\x0c")
    site.say(site.plain, answer, DEVICE, US)
    npdu, mac = only(site.secure)
    assert (mac, npdu.source) == (CLIENT, Station(PLAIN, DEVICE))


def test_a_message_to_all_of_another_network_is_broadcast_there(site):
    site.say(
        site.secure,
        Npdu(control=0, destination=Station(PLAIN, b""), body=WHO_IS),
        CLIENT,
        THERE,
    )
    assert only(site.plain)[1] == EVERYBODY


def test_a_message_to_everybody_goes_on_and_our_own_stack_hears_it(site):
    who_is = Npdu(control=0, destination=Station(EVERYWHERE, b""), body=WHO_IS)
    site.say(site.secure, who_is, CLIENT, EVERYBODY)
    npdu, mac = only(site.plain)
    assert mac == EVERYBODY
    assert npdu.destination == Station(EVERYWHERE, b"")
    assert (npdu.source, npdu.hops) == (Station(SECURE, CLIENT), 254)
    assert site.secure.taps[THERE].local == [who_is.encode()]
    assert not site.secure.sent


@pytest.mark.parametrize("hops", [0, 1])
def test_a_message_that_went_far_enough_goes_no_further(site, hops):
    who_is = Npdu(
        control=0, destination=Station(EVERYWHERE, b""), hops=hops, body=WHO_IS
    )
    site.say(site.secure, who_is, CLIENT, EVERYBODY)
    request = Npdu(
        control=4, destination=Station(PLAIN, DEVICE), hops=hops, body=WHO_IS
    )
    site.say(site.secure, request, CLIENT, THERE)
    assert not site.plain.sent


def test_nothing_goes_back_to_the_network_that_it_came_from(site):
    request = Npdu(control=4, destination=Station(SECURE, OTHER), body=WHO_IS)
    site.say(site.secure, request, CLIENT, THERE)
    assert not site.secure.sent
    assert not site.plain.sent


def test_what_claims_to_be_from_the_other_side_is_not_sent_there(site):
    for claimed in (PLAIN, SECURE):
        who_is = Npdu(
            control=0,
            destination=Station(EVERYWHERE, b""),
            source=Station(claimed, DEVICE),
            body=WHO_IS,
        )
        site.say(site.secure, who_is, OTHER, EVERYBODY)
    assert not site.plain.sent


def test_what_is_for_this_network_alone_is_left_to_our_own_stack(site):
    who_is = Npdu(control=0, body=WHO_IS)
    site.say(site.secure, who_is, CLIENT, EVERYBODY)
    assert site.secure.taps[THERE].local == [who_is.encode()]
    assert not site.plain.sent


def test_who_asks_for_a_way_is_told_it(site):
    for parameters in (b"", numbers([PLAIN])):
        site.forget_sent()
        question = message(MessageType.WHO_IS_ROUTER, parameters)
        site.say(site.secure, question, CLIENT, EVERYBODY)
        npdu, mac = only(site.secure)
        assert (npdu.message_type, mac) == (MessageType.I_AM_ROUTER, EVERYBODY)
        assert numbers_in(npdu.body[1:]) == (PLAIN,)
    assert not site.plain.sent


def test_nobody_is_told_a_way_to_where_he_is(site):
    question = message(MessageType.WHO_IS_ROUTER, numbers([SECURE]))
    site.say(site.secure, question, CLIENT, EVERYBODY)
    assert not site.secure.sent
    assert not site.plain.sent


def test_a_way_that_another_router_leads_is_told_and_used(site):
    leads = message(MessageType.I_AM_ROUTER, numbers([FAR]))
    site.say(site.plain, leads, OTHER, EVERYBODY)
    npdu, _ = only(site.secure)
    assert numbers_in(npdu.body[1:]) == (FAR,)
    site.forget_sent()
    request = Npdu(control=4, destination=Station(FAR, b"\x07"), body=WHO_IS)
    site.say(site.secure, request, CLIENT, THERE)
    npdu, mac = only(site.plain)
    assert mac == OTHER
    assert npdu.destination == Station(FAR, b"\x07")
    assert (npdu.source, npdu.hops) == (Station(SECURE, CLIENT), 254)


def test_a_way_that_is_known_is_news_once(site):
    leads = message(MessageType.I_AM_ROUTER, numbers([FAR]))
    for _ in range(3):
        site.say(site.plain, leads, OTHER, EVERYBODY)
    assert len(site.secure.sent) == 1


def test_a_way_is_not_led_to_another_network_while_it_is_in_use(site):
    leads = message(MessageType.I_AM_ROUTER, numbers([FAR]))
    site.say(site.plain, leads, OTHER, EVERYBODY)
    site.say(site.secure, leads, OTHER, EVERYBODY)
    site.forget_sent()
    request = Npdu(control=4, destination=Station(FAR, b"\x07"), body=WHO_IS)
    site.say(site.secure, request, CLIENT, THERE)
    assert only(site.plain)[1] == OTHER
    site.now += 301
    site.say(site.secure, leads, OTHER, EVERYBODY)
    site.forget_sent()
    site.say(site.plain, request, DEVICE, US)
    assert only(site.secure)[1] == OTHER


def test_a_network_that_nobody_knows_is_looked_for_and_the_sender_told(site):
    request = Npdu(control=4, destination=Station(FAR, b"\x07"), body=WHO_IS)
    site.say(site.secure, request, CLIENT, THERE)
    assert reject_of(site.secure) == (RejectReason.UNKNOWN_NETWORK, FAR, CLIENT)
    npdu, mac = only(site.plain)
    assert (npdu.message_type, mac) == (MessageType.WHO_IS_ROUTER, EVERYBODY)
    site.say(site.secure, request, CLIENT, THERE)
    assert len(site.plain.sent) == 1


def test_a_way_that_its_router_disowns_is_forgotten(site):
    site.say(
        site.plain,
        message(MessageType.I_AM_ROUTER, numbers([FAR])),
        OTHER,
        EVERYBODY,
    )
    disowned = bytes((RejectReason.UNKNOWN_NETWORK,)) + numbers([FAR])
    site.say(site.plain, message(MessageType.REJECT, disowned), OTHER, US)
    site.forget_sent()
    request = Npdu(control=4, destination=Station(FAR, b"\x07"), body=WHO_IS)
    site.say(site.secure, request, CLIENT, THERE)
    assert reject_of(site.secure)[0] == RejectReason.UNKNOWN_NETWORK


def test_an_address_that_no_station_has_there_is_refused(site):
    request = Npdu(control=4, destination=Station(PLAIN, b"\x07"), body=WHO_IS)
    site.say(site.secure, request, CLIENT, THERE)
    assert reject_of(site.secure) == (RejectReason.ADDRESS, PLAIN, CLIENT)


def test_what_is_too_long_with_its_source_is_refused(site):
    request = Npdu(control=4, destination=Station(PLAIN, DEVICE), body=bytes(1490))
    site.say(site.secure, request, CLIENT, THERE)
    assert reject_of(site.secure) == (RejectReason.TOO_LONG, PLAIN, CLIENT)


def test_nobody_is_refused_by_broadcast(site):
    request = Npdu(control=4, destination=Station(FAR, b"\x07"), body=WHO_IS)
    site.say(site.secure, request, CLIENT, EVERYBODY)
    assert not site.secure.sent


def test_a_network_is_told_its_number(site):
    site.say(
        site.secure, message(MessageType.WHAT_IS_NETWORK_NUMBER), CLIENT, EVERYBODY
    )
    npdu, _ = only(site.secure)
    assert npdu.body == b"\x13" + SECURE.to_bytes(2) + b"\x01"


def test_our_table_is_shown_and_not_changed(site):
    kind = MessageType.INITIALIZE_ROUTING_TABLE
    rewrite = b"\x01" + numbers([FAR]) + b"\x01\x00"
    site.say(site.secure, message(kind, rewrite), CLIENT, THERE)
    assert only(site.secure)[0].body == b"\x07\x00"
    site.forget_sent()
    site.say(site.secure, message(kind, b"\x00"), CLIENT, THERE)
    table = b"\x07\x02" + numbers([PLAIN]) + b"\x01\x00" + numbers([SECURE])
    assert only(site.secure)[0].body == table + b"\x02\x00"


def test_a_message_of_a_kind_that_nobody_knows_is_refused(site):
    site.say(site.secure, Npdu(control=0x80, body=b"\x55"), CLIENT, THERE)
    assert reject_of(site.secure)[0] == RejectReason.UNKNOWN_MESSAGE


def test_routers_say_where_they_lead_when_they_come():
    world = World()
    plain, secure = Wire(world), Wire(world)
    router_between({PLAIN: (plain, US), SECURE: (secure, THERE)})
    told = [decode(octets, 0) for octets, _, _ in secure.sent]
    assert [each.message_type for each in told] == [
        MessageType.NETWORK_NUMBER_IS,
        MessageType.I_AM_ROUTER,
    ]
    assert numbers_in(told[1].body[1:]) == (PLAIN,)


def test_a_network_that_is_gone_gets_nothing_and_ways_over_it_are_none(site):
    leads = message(MessageType.I_AM_ROUTER, numbers([FAR]))
    site.say(site.plain, leads, OTHER, EVERYBODY)
    site.router.detach(str(PLAIN))
    site.forget_sent()
    for target in (Station(PLAIN, DEVICE), Station(FAR, b"\x07")):
        request = Npdu(control=4, destination=target, body=WHO_IS)
        site.say(site.secure, request, CLIENT, THERE)
    assert not site.plain.sent


def test_without_routing_every_frame_is_our_own_stack_s(site):
    site.router.configure(())
    request = Npdu(control=4, destination=Station(PLAIN, DEVICE), body=WHO_IS)
    site.say(site.secure, request, CLIENT, THERE)
    assert not site.plain.sent
    assert site.secure.taps[THERE].local == [request.encode()]


def test_two_routers_between_the_same_networks_send_each_message_on_once():
    world = World()
    plain, secure = Wire(world), Wire(world)
    for number in (1, 2):
        mac = bytes(5) + bytes((number,))
        router_between({PLAIN: (plain, mac), SECURE: (secure, mac)})
    world.settle()
    plain.sent.clear()
    secure.sent.clear()
    who_is = Npdu(control=0, destination=Station(EVERYWHERE, b""), body=WHO_IS)
    secure.send(who_is.encode(), CLIENT, EVERYBODY)
    world.settle()
    assert len(plain.sent) == 2
    assert len(secure.sent) == 1


def test_a_ring_of_routers_comes_to_rest():
    world = World()
    wires = {number: Wire(world) for number in (1, 2, 3)}
    for number in (1, 2, 3):
        mac = bytes(5) + bytes((number,))
        following = number % 3 + 1
        router_between({n: (wires[n], mac) for n in (number, following)})
    world.settle()
    world.delivered = 0
    who_is = Npdu(control=0, destination=Station(EVERYWHERE, b""), body=WHO_IS)
    wires[1].send(who_is.encode(), CLIENT, EVERYBODY)
    search = message(MessageType.WHO_IS_ROUTER, numbers([FAR]))
    wires[1].send(search.encode(), CLIENT, EVERYBODY)
    world.settle()
    assert world.delivered < 60


@given(st.binary(max_size=80), st.booleans())
def test_no_octets_do_harm_or_never_end(octets: bytes, broadcast: bool):
    world = World()
    plain, secure = Wire(world), Wire(world)
    router_between({PLAIN: (plain, US), SECURE: (secure, THERE)})
    world.settle()
    secure.send(octets, CLIENT, EVERYBODY if broadcast else THERE)
    world.settle()
    assert world.delivered < MOST_FRAMES


@given(st.binary(min_size=2, max_size=64))
def test_what_is_decoded_is_encoded_as_it_was_but_for_bits_that_mean_nothing(octets):
    try:
        npdu = decode(b"\x01" + octets, 0)
    except MalformedFrameError:
        return
    assert decode(npdu.encode(), 0) == Npdu(
        control=octets[0] & 0xAF,
        destination=npdu.destination,
        source=npdu.source,
        hops=npdu.hops,
        body=npdu.body,
    )


def test_a_router_of_nothing_has_nothing_to_say():
    router = Router()
    router.configure(())
    router.detach("nowhere")
