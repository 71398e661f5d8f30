"""Sends NPDUs on from one of our networks to another (135-2020, 6.5)."""

import logging
from collections.abc import Callable, Iterable
from dataclasses import replace
from time import monotonic
from typing import Final

from ...secure_connect.configuration import RoutedNetworkConfig
from ..octets.network_layer import Endpoint
from ..octets.tags import MalformedFrameError
from ..wire.carrier import Carrier
from .known_routers import KnownRouters, Way
from .npdu import (
    EVERYWHERE,
    LONGEST_NPDU,
    MessageType,
    Npdu,
    RejectReason,
    Station,
    decode,
    is_for_a_router,
    message,
)
from .port import MAC_OCTETS, Arrival, Port, arrival_of
from .router_messages import RouterMessages

_LOGGER = logging.getLogger(__name__)

_HEARD_BY_ALL: Final = (MessageType.I_AM_ROUTER, MessageType.REJECT)


class Router:
    """Joins the networks that a site routes between; others are left alone.

    Loops end: the hop count falls with every router, nothing goes back where it came
    from, and a message is taken only from the side on which its own network is.
    """

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        """Start with no networks; now: seconds."""
        self._numbers: dict[str, int] = {}
        self._carriers: dict[str, Carrier] = {}
        self._ports: dict[int, Port] = {}
        self._known = KnownRouters(now)
        self._messages = RouterMessages(self._ports, self._known, now)

    def configure(self, routed: Iterable[RoutedNetworkConfig]) -> None:
        """Route between exactly these networks."""
        numbers = {each.network_id: each.number for each in routed}
        if numbers == self._numbers:
            return
        for number in [*self._ports]:
            self._close(number)
        self._numbers = numbers
        for network_id in self._carriers:
            self._open(network_id)
        self._messages.announce()

    def attach(self, network_id: str, carrier: Carrier) -> None:
        """See the frames of a network before anybody else does, if they are routed."""

        def take(data: bytes, addr: Endpoint) -> bool:
            return bool(self._numbers) and self._take(network_id, data, addr)

        carrier.add_listener(take)
        self._carriers[network_id] = carrier

    def opened(self, network_id: str) -> None:
        """Send frames to a network from now on, and tell the others that it is there."""
        self._open(network_id)
        self._messages.announce()

    def detach(self, network_id: str) -> None:
        """Send nothing to a network any more; calling it twice does no harm."""
        self._carriers.pop(network_id, None)
        number = self._numbers.get(network_id)
        if number is not None:
            self._close(number)

    def _open(self, network_id: str) -> None:
        number = self._numbers.get(network_id)
        carrier = self._carriers.get(network_id)
        if number is not None and carrier is not None:
            self._ports[number] = Port(number, carrier)

    def _close(self, number: int) -> None:
        self._ports.pop(number, None)
        self._known.forget_all_over(number)

    def _take(self, network_id: str, data: bytes, addr: Endpoint) -> bool:
        """Return whether a frame is dealt with; our own stack gets all others."""
        arrival = arrival_of(data, addr)
        if arrival is None or not is_for_a_router(data, arrival.start):
            return False
        port = self._ports.get(self._numbers.get(network_id, 0))
        if port is None or arrival.mac == port.own_mac:
            return False
        try:
            npdu = decode(data, arrival.start)
        except MalformedFrameError as err:
            _LOGGER.debug("Not routed, from %s: %s", addr, err)
            return True
        return self._route(npdu, port, arrival)

    def _route(self, npdu: Npdu, port: Port, arrival: Arrival) -> bool:
        """Answer, send on, or both; return whether our own stack has no part in it."""
        is_straight = self._came_straight(npdu, port, arrival)
        destination = npdu.destination
        if destination is None:
            if is_straight:
                self._messages.take(npdu, port, arrival)
            # bacpypes3 has other ideas of what our networks are called
            return npdu.message_type not in _HEARD_BY_ALL
        if destination.network == EVERYWHERE:
            if is_straight:
                self._send_everywhere(npdu, port, arrival)
            return npdu.message_type is not None
        if is_straight and destination.network != port.number:
            self._send_on(npdu, destination, port, arrival)
        return True

    def _came_straight(self, npdu: Npdu, port: Port, arrival: Arrival) -> bool:
        """Return whether a message came from where its network is, and take note."""
        if npdu.source is None:
            return True
        network = npdu.source.network
        if network in self._ports or network in self._numbers.values():
            return False
        return self._known.learn(network, Way(port.number, arrival.mac))

    def _send_everywhere(self, npdu: Npdu, port: Port, arrival: Arrival) -> None:
        if npdu.message_type is not None:
            self._messages.take(npdu, port, arrival)
        onward = self._onward(npdu, port, arrival)
        if onward is None:
            return
        octets = onward.encode()
        for number, other in self._ports.items():
            if number != port.number:
                other.send(octets, b"")

    def _send_on(
        self, npdu: Npdu, destination: Station, port: Port, arrival: Arrival
    ) -> None:
        """Send a message to a network, or to the router that leads there."""
        onward = self._onward(npdu, port, arrival)
        if onward is None:
            return
        target = self._ports.get(destination.network)
        mac = destination.mac
        if target is not None:
            if mac and len(mac) != MAC_OCTETS:
                self._reject(npdu, port, arrival, RejectReason.ADDRESS)
                return
            onward = replace(onward, destination=None)
        else:
            way = self._known.way_to(destination.network)
            if way is None or way.number not in self._ports:
                self._messages.search(destination.network, port)
                self._reject(npdu, port, arrival, RejectReason.UNKNOWN_NETWORK)
                return
            target, mac = self._ports[way.number], way.mac
        octets = onward.encode()
        if target is port or mac == target.own_mac:
            return
        if len(octets) > LONGEST_NPDU:
            self._reject(npdu, port, arrival, RejectReason.TOO_LONG)
            return
        target.send(octets, mac)

    @staticmethod
    def _onward(npdu: Npdu, port: Port, arrival: Arrival) -> Npdu | None:
        """Return a message as it goes on, None for one that has gone far enough."""
        if npdu.hops <= 1:
            return None
        source = npdu.source or Station(port.number, arrival.mac)
        return replace(npdu, source=source, hops=npdu.hops - 1)

    def _reject(
        self, npdu: Npdu, port: Port, arrival: Arrival, reason: RejectReason
    ) -> None:
        """Tell who sent a message to us alone why it goes no further (6.6.3.5)."""
        if arrival.broadcast or npdu.destination is None:
            return
        if npdu.message_type == MessageType.REJECT:
            return
        parameters = bytes((reason,)) + npdu.destination.network.to_bytes(2)
        answer = message(MessageType.REJECT, parameters, destination=npdu.source)
        port.send(answer.encode(), arrival.mac)
