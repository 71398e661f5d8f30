"""What routers tell each other, and whoever asks them (135-2020, 6.4 and 6.6)."""

import logging
from collections.abc import Callable, Mapping
from typing import Final

from .known_routers import KnownRouters, Way
from .npdu import (
    EVERYWHERE,
    MessageType,
    Npdu,
    RejectReason,
    Station,
    message,
    numbers,
    numbers_in,
)
from .port import Arrival, Port

_LOGGER = logging.getLogger(__name__)

# A network that nobody knew is not looked for again before
SEARCH_SECONDS: Final = 5.0
MOST_SEARCHES: Final = 64
_VENDORS: Final = 0x80
_CONFIGURED: Final = 1


class RouterMessages:
    """Answers for a router, and keeps what others say they lead to."""

    def __init__(
        self,
        ports: Mapping[int, Port],
        known: KnownRouters,
        now: Callable[[], float],
    ) -> None:
        """Take the ports there are, by number, who leads where, and the time."""
        self._ports = ports
        self._known = known
        self._now = now
        self._searches: dict[int, float] = {}
        self._warned = False

    def announce(self) -> None:
        """Tell every network its number, and to which others we lead."""
        if len(self._ports) < 2:
            return
        for port in self._ports.values():
            self._tell_number(port)
            self._tell(port, self._reached_from(port))

    def take(self, npdu: Npdu, port: Port, arrival: Arrival) -> None:
        """Do what a message asks for that is for routers."""
        kind, parameters = npdu.message_type, npdu.body[1:]
        match kind:
            case MessageType.WHO_IS_ROUTER:
                self._answer(npdu, parameters, port, arrival)
            case MessageType.I_AM_ROUTER:
                self._learn(parameters, port, arrival)
            case MessageType.REJECT:
                self._take_reject(parameters, port)
            case MessageType.WHAT_IS_NETWORK_NUMBER:
                if npdu.source is None and npdu.destination is None:
                    self._tell_number(port)
            case MessageType.NETWORK_NUMBER_IS:
                self._compare(npdu, parameters, port)
            case MessageType.INITIALIZE_ROUTING_TABLE:
                self._show_table(npdu, parameters, port, arrival)
            case _:
                self._refuse_unknown(npdu, port, arrival)

    def search(self, network: int, port: Port, source: Station | None = None) -> None:
        """Ask on the other networks who leads to one, not too often."""
        now = self._now()
        if now - self._searches.get(network, float("-inf")) < SEARCH_SECONDS:
            return
        self._searches.pop(network, None)
        self._searches[network] = now
        while len(self._searches) > MOST_SEARCHES:
            del self._searches[next(iter(self._searches))]
        question = message(
            MessageType.WHO_IS_ROUTER, numbers([network]), source=source
        ).encode()
        for other in self._ports.values():
            if other is not port:
                other.send(question, b"")

    def _answer(
        self, npdu: Npdu, parameters: bytes, port: Port, arrival: Arrival
    ) -> None:
        reached = self._reached_from(port)
        if len(parameters) < 2:
            self._tell(port, reached)
            return
        (wanted, *_) = numbers_in(parameters)
        if wanted in reached:
            self._tell(port, [wanted])
        elif wanted != port.number and wanted not in self._known:
            source = npdu.source or Station(port.number, arrival.mac)
            self.search(wanted, port, source)

    def _learn(self, parameters: bytes, port: Port, arrival: Arrival) -> None:
        """Keep what another router leads to, and pass on what is news."""
        way, news = Way(port.number, arrival.mac), []
        for network in numbers_in(parameters):
            if network in self._ports or not 0 < network < EVERYWHERE:
                continue
            is_new = network not in self._known
            if self._known.learn(network, way) and is_new:
                news.append(network)
        for other in self._ports.values():
            if other is not port:
                self._tell(other, news)

    def _take_reject(self, parameters: bytes, port: Port) -> None:
        if len(parameters) >= 3 and parameters[0] == RejectReason.UNKNOWN_NETWORK:
            self._known.forget(int.from_bytes(parameters[1:3]), port.number)

    def _compare(self, npdu: Npdu, parameters: bytes, port: Port) -> None:
        """Say once that somebody calls a network by another number."""
        if npdu.source is not None or len(parameters) < 2 or self._warned:
            return
        (told, *_) = numbers_in(parameters)
        if told != port.number:
            self._warned = True
            _LOGGER.warning(
                "BACnet network %d is called %d by another router", port.number, told
            )

    def _show_table(
        self, npdu: Npdu, parameters: bytes, port: Port, arrival: Arrival
    ) -> None:
        """Return our table to who asks for it; nobody but us changes it (6.6.3.8)."""
        table = b"\x00"
        if parameters[:1] == b"\x00":
            entries = [
                number.to_bytes(2) + bytes((place, 0))
                for place, number in enumerate(self._ports, 1)
            ]
            table = bytes((len(entries),)) + b"".join(entries)
        kind = MessageType.INITIALIZE_ROUTING_TABLE_ACK
        answer = message(kind, table, destination=npdu.source)
        port.send(answer.encode(), arrival.mac)

    @staticmethod
    def _refuse_unknown(npdu: Npdu, port: Port, arrival: Arrival) -> None:
        """Refuse what was sent to us alone and that the standard does not know."""
        known = range(0x14)
        kind = npdu.message_type
        if arrival.broadcast or kind is None or kind in known:
            return
        network = 0 if npdu.source is None else npdu.source.network
        parameters = bytes((RejectReason.UNKNOWN_MESSAGE,)) + network.to_bytes(2)
        answer = message(MessageType.REJECT, parameters, destination=npdu.source)
        port.send(answer.encode(), arrival.mac)

    def _reached_from(self, port: Port) -> list[int]:
        """Return the networks that a network reaches through us."""
        reached = []
        for number in self._ports:
            if number != port.number:
                reached += [number, *self._known.networks_beyond(number)]
        return reached

    @staticmethod
    def _tell(port: Port, networks: list[int]) -> None:
        if networks:
            answer = message(MessageType.I_AM_ROUTER, numbers(networks))
            port.send(answer.encode(), b"")

    @staticmethod
    def _tell_number(port: Port) -> None:
        parameters = port.number.to_bytes(2) + bytes((_CONFIGURED,))
        port.send(message(MessageType.NETWORK_NUMBER_IS, parameters).encode(), b"")
