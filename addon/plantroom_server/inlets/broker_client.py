"""A connection to an MQTT broker that keeps a message until we have it on disk."""

import asyncio
import logging
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final, override

from aiomqtt import Client, Message, MqttCodeError, MqttError, ProtocolVersion
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from custom_components.plantroom.engine.gateway.configuration import MqttInletConfig

from .broker_faults import BrokerRefusedError

_LOGGER = logging.getLogger(__name__)

KEEPALIVE_SECONDS: Final = 10
ANSWER_SECONDS: Final = 5.0
GOODBYE_SECONDS: Final = 2.0
# The broker keeps what comes while the server is away, this long
SESSION_SECONDS: Final = 7 * 86400
MOST_UNACKNOWLEDGED: Final = 32
MOST_UNPROMISED: Final = 1000
LARGEST_PACKET: Final = 2 * 1024**2


class BrokerClient(Client):
    """Acknowledges a message when it is told to, not when it arrives."""

    def __init__(self, config: MqttInletConfig, tls: ssl.SSLContext | None) -> None:
        """Take what is asked of the broker; nothing is sent yet."""
        super().__init__(
            config.host,
            config.port,
            username=config.user or None,
            password=config.password or None,
            identifier=config.client_id,
            protocol=ProtocolVersion.V5,
            clean_start=False,
            keepalive=KEEPALIVE_SECONDS,
            timeout=ANSWER_SECONDS,
            properties=_session(),
            queue_type=_Arrived,
            tls_context=tls,
            logger=_LOGGER.getChild("wire"),
        )
        self._client.manual_ack_set(on=True)
        self._topic = config.topic

    @property
    def is_gone(self) -> bool:
        """Return whether the connection has ended."""
        return self._disconnected.done()

    async def listen(self) -> None:
        """Subscribe, or raise BrokerRefusedError."""
        # What is retained comes with a new subscription, not with every connection
        options = SubscribeOptions(
            qos=1, retainHandling=SubscribeOptions.RETAIN_SEND_IF_NEW_SUB
        )
        for granted in await self.subscribe(self._topic, options=options):
            value = granted if isinstance(granted, int) else granted.value
            if value != 1:
                raise BrokerRefusedError(
                    "topic", f"is not let to us at QoS 1: {granted}"
                )

    async def next_messages(self, most: int) -> list[Message]:
        """Wait for a message and return it with those behind it; raises MqttError."""
        found = [await anext(self.messages)]
        while len(found) < most and not self._queue.empty():
            found.append(self._queue.get_nowait())
        return found

    def take_lost(self) -> int:
        """Return how many messages without a promise were dropped since asked last."""
        queue = self._queue
        if not isinstance(queue, _Arrived):
            return 0
        lost, queue.lost = queue.lost, 0
        return lost

    def acknowledge(self, message: Message) -> None:
        """Let the broker forget a message; raises MqttError."""
        if not message.qos:
            return
        code = self._client.ack(message.mid, message.qos)
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise MqttError(f"not acknowledged: {code.name}")

    async def leave(self) -> None:
        """Say goodbye and close, whatever state the connection is in."""
        if self._connected.done() and not self.is_gone:
            self._client.disconnect()
            await asyncio.wait((self._disconnected,), timeout=GOODBYE_SECONDS)
        if self._disconnected.done() and not self._disconnected.cancelled():
            # Asked for, or asyncio says that nobody did
            self._disconnected.exception()
        # The library leaves it open after a connection that was never answered
        self._client._sock_close()  # noqa: SLF001
        if self._misc_task is not None:
            self._misc_task.cancel()
            await asyncio.gather(self._misc_task, return_exceptions=True)


class _Arrived(asyncio.Queue[Message]):
    """Holds what the broker may send at once, and so many without a promise."""

    lost = 0

    @override
    def put_nowait(self, item: Message) -> None:
        if item.qos == 0 and self.qsize() >= MOST_UNPROMISED:
            self.lost += 1
            return
        super().put_nowait(item)


async def look_at(config: MqttInletConfig, tls: ssl.SSLContext | None) -> None:
    """See whether a broker is there and is who it has to be; raises OSError.

    The library connects on a thread that nobody can stop, and leaves a connection open
    when TLS fails.
    """
    async with asyncio.timeout(ANSWER_SECONDS):
        try:
            _, writer = await asyncio.open_connection(config.host, config.port, ssl=tls)
        except ConnectionResetError as err:
            raise OSError("the broker hangs up, as one without TLS does") from err
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def connected(client: BrokerClient) -> AsyncGenerator[None]:
    """Connect for a while; raises MqttError."""
    entering = asyncio.ensure_future(client.__aenter__())
    try:
        try:
            await asyncio.shield(entering)
        except MqttCodeError:
            raise
        except MqttError as err:
            raise MqttError(f"no answer ({err}), as from one that wants TLS") from err
        finally:
            # A thread connects: what it opens has to be there to be closed
            await asyncio.wait((entering,))
        yield
    finally:
        if entering.done() and not entering.cancelled():
            entering.exception()
        await client.leave()


def _session() -> Properties:
    wanted = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    wanted.SessionExpiryInterval = SESSION_SECONDS
    wanted.ReceiveMaximum = MOST_UNACKNOWLEDGED
    wanted.MaximumPacketSize = LARGEST_PACKET
    return wanted
