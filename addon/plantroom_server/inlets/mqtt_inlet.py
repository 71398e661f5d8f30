"""Events from a topic of an MQTT broker, kept before the broker may forget them."""

import asyncio
import logging
import ssl
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

from aiomqtt import Message, MqttError

from custom_components.plantroom.engine.backoff import backoff_seconds
from custom_components.plantroom.engine.gateway.configuration import MqttInletConfig

from ..event_source.arrivals import Arrival
from ..gateway_errors import EventSourceError, IdTakenError
from .broker_client import MOST_UNACKNOWLEDGED, BrokerClient, connected, look_at
from .broker_faults import BrokerRefusedError, refusal_of
from .intake import Intake, Outcome, Way
from .refused_messages import RefusedMessages
from .sent_events import SentEventsError, read_events

_LOGGER = logging.getLogger(__name__)

STEADY_SECONDS: Final = 30.0
LONGEST_WAIT_SECONDS: Final = 20.0
# Who mends what a broker refuses does so at the broker as often as here
REFUSED_SECONDS: Final = 60.0
AGAIN_SECONDS: Final = 1.0


class MqttInlet:
    """Takes what is published to a topic for as long as it is open."""

    def __init__(
        self, config: MqttInletConfig, intake: Intake, changed: Callable[[], None]
    ) -> None:
        """Take the broker and topic, what keeps events, and who hears how it goes."""
        self._config = config
        self._intake = intake
        self._changed = changed
        self._name = f"{config.topic} of {config.host}:{config.port}"
        self._refused = RefusedMessages(self._name)
        self._task: asyncio.Task[None] | None = None
        self._client: BrokerClient | None = None
        self._is_down = False
        self.connected = False
        self.problem = ""

    def start(self) -> None:
        """Begin to connect."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    def is_like(self, config: MqttInletConfig | None) -> bool:
        """Return whether a configuration goes on with our session and topic."""
        ours = self._config
        return config is not None and (
            (config.host, config.port, config.client_id, config.topic)
            == (ours.host, ours.port, ours.client_id, ours.topic)
        )

    async def stop(self, *, for_good: bool) -> None:
        """Disconnect; twice does no harm.

        for_good: the broker keeps nothing more for us, as far as it can be reached.
        """
        if for_good and self._client is not None:
            try:
                await self._client.unsubscribe(self._config.topic)
            except MqttError as err:
                _LOGGER.warning("%s is kept for us in vain: %s", self._name, err)
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _run(self) -> None:
        failures = 0
        loop = asyncio.get_running_loop()
        while True:
            began, wait = loop.time(), None
            try:
                await self._follow()
            except BrokerRefusedError as err:
                wait = REFUSED_SECONDS
                self._went(str(err))
            except (MqttError, ssl.SSLError) as err:
                refusal = refusal_of(err)
                wait = REFUSED_SECONDS if refusal else None
                self._went(str(refusal or err))
            except OSError as err:
                self._went(str(err) or "no answer")
            except Exception:
                _LOGGER.exception("Taking events from %s broke", self._name)
                self._went("broken")
            finally:
                self.connected, self._client = False, None
            failures = 1 if loop.time() - began > STEADY_SECONDS else failures + 1
            await asyncio.sleep(
                wait or backoff_seconds(failures, longest=LONGEST_WAIT_SECONDS)
            )

    async def _follow(self) -> None:
        """Take messages until the connection ends.

        Raises MqttError, OSError, BrokerRefusedError.
        """
        tls = await asyncio.to_thread(self._tls)
        await look_at(self._config, tls)
        client = BrokerClient(self._config, tls)
        async with connected(client):
            await client.listen()
            self._client = client
            self._came()
            while True:
                messages = await client.next_messages(MOST_UNACKNOWLEDGED)
                self._intake.count(Way.MQTT, Outcome.LOST, client.take_lost())
                await self._take(client, messages)

    async def _take(self, client: BrokerClient, messages: Sequence[Message]) -> None:
        """Keep what messages bring in one go, or one by one if that is refused."""
        read = [(each, self._read(each)) for each in messages]
        arrivals = [arrival for _, found in read for arrival in found]
        try:
            await self._keep(client, arrivals)
        except SentEventsError, IdTakenError:
            await self._take_each(client, read)
            return
        for message, _ in read:
            client.acknowledge(message)

    async def _take_each(
        self, client: BrokerClient, read: Sequence[tuple[Message, Sequence[Arrival]]]
    ) -> None:
        for message, arrivals in read:
            try:
                await self._keep(client, arrivals)
            except (SentEventsError, IdTakenError) as err:
                self._refuse(message, err)
            client.acknowledge(message)

    async def _keep(self, client: BrokerClient, arrivals: Sequence[Arrival]) -> None:
        """Keep events as soon as that is possible; the broker holds the rest back.

        Raises SentEventsError, IdTakenError, and MqttError when it has gone meanwhile.
        """
        while arrivals:
            try:
                await self._intake.take(Way.MQTT, arrivals)
            except EventSourceError:
                self._intake.count(Way.MQTT, Outcome.TURNED_AWAY)
            else:
                return
            await asyncio.sleep(AGAIN_SECONDS)
            if client.is_gone:
                raise MqttError("disconnected before its events could be kept")

    def _read(self, message: Message) -> tuple[Arrival, ...]:
        """Return a message's events; none where it is refused, or not for us."""
        if not message.topic.matches(self._config.topic):
            # The broker's session may remember a topic that is not asked for any more
            return ()
        if not message.payload:
            # So a retained message is taken away
            return ()
        key = f"{message.topic}\n{sha256(message.payload).hexdigest()}"
        try:
            return read_events(message.payload, key, understood=False)
        except SentEventsError as err:
            self._refuse(message, err)
            return ()

    def _refuse(self, message: Message, err: SentEventsError | IdTakenError) -> None:
        self._intake.count(Way.MQTT, Outcome.REFUSED)
        self._refused.note(str(message.topic), str(err))

    def _came(self) -> None:
        self.connected, self.problem = True, ""
        _LOGGER.info("Events come from %s", self._name)
        self._is_down = False
        self._changed()

    def _went(self, problem: str) -> None:
        if not self._is_down or problem != self.problem:
            _LOGGER.warning("No events come from %s: %s", self._name, problem)
        self._is_down, self.problem = True, problem
        self._changed()

    def _tls(self) -> ssl.SSLContext | None:
        """Return how TLS is done, None without; raises BrokerRefusedError."""
        if not self._config.tls:
            return None
        roots = self._config.root_certificates
        if not roots:
            return ssl.create_default_context()
        try:
            context = ssl.create_default_context(cadata=roots)
        except (ssl.SSLError, ValueError) as err:
            raise BrokerRefusedError(
                "root_certificates", "are not certificates in PEM"
            ) from err
        # Authorities that people make themselves often do not say what they are for
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        return context
