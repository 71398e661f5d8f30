"""What is asked of the gateway: event stores, subscriptions, and which device serves."""

from dataclasses import dataclass, field
from enum import StrEnum

from ..checks import require

LARGEST_INSTANCE = 4194302
SHORTEST_TOKEN = 16
LONGEST_TOPIC_OCTETS = 65535


class StoreKind(StrEnum):
    """Where events are kept: our own log on this machine, or a KurrentDB."""

    EMBEDDED = "embedded"
    KURRENTDB = "kurrentdb"


class StreamKind(StrEnum):
    """What a subscription follows.

    STREAM: one stream by name. CATEGORY: all streams whose names begin so. ALL:
    everything, narrowed by event types.
    """

    STREAM = "stream"
    CATEGORY = "category"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttInletConfig:
    """A topic of an MQTT broker whose messages are kept as events.

    topic: + and # as in any subscription. client_id: under which the broker keeps what
    comes while we are away; nobody else's. user, password: "" without.
    root_certificates: PEM text, "" for the authorities that this machine trusts.
    """

    host: str
    topic: str
    client_id: str
    port: int = 8883
    tls: bool = True
    root_certificates: str = ""
    user: str = ""
    password: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Refuse what cannot work, saying which field and why."""
        require(bool(self.host), "host", "must not be empty")
        require(1 <= self.port <= 65535, "port", "must be 1 to 65535")
        require(bool(self.client_id), "client_id", "must not be empty")
        require(bool(self.password) <= bool(self.user), "user", "is missing")
        require(
            self.tls or not self.root_certificates, "root_certificates", "go with TLS"
        )
        octets = len(self.topic.encode("utf-8", "replace"))
        require(0 < octets <= LONGEST_TOPIC_OCTETS, "topic", "must not be empty")
        levels = self.topic.split("/")
        holds = all(each == "+" or "+" not in each for each in levels)
        require(holds, "topic", "has a + beside other characters")
        hash_ends = "#" not in self.topic.removesuffix("#") and (
            "#" not in self.topic or levels[-1] == "#"
        )
        require(hash_ends, "topic", "has a # that is not its last level")
        require("\0" not in self.topic, "topic", "has a null character")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventStoreConfig:
    """An event store.

    uri: "kurrentdb://…", "" for the embedded log. user, password: "" without.
    root_certificates, client_certificate, client_key: PEM texts, "" without. Ways into
    the embedded log: http_token is what senders to POST /events show, 16 characters at
    least, "" for none; mqtt is a topic, None for none.
    """

    store_id: str
    kind: StoreKind = StoreKind.EMBEDDED
    uri: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    root_certificates: str = ""
    client_certificate: str = ""
    client_key: str = field(default="", repr=False)
    http_token: str = field(default="", repr=False)
    mqtt: MqttInletConfig | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot work, saying which field and why."""
        require(bool(self.store_id), "store_id", "must not be empty")
        wants_uri = self.kind is StoreKind.KURRENTDB
        require(bool(self.uri) == wants_uri, "uri", "goes with a KurrentDB, only")
        require(bool(self.password) <= bool(self.user), "user", "is missing")
        require(
            bool(self.client_certificate) == bool(self.client_key),
            "client_key",
            "goes with client_certificate",
        )
        require(
            self.kind is StoreKind.EMBEDDED or not self.has_inlet,
            "http_token" if self.http_token else "mqtt",
            "goes with the embedded log, only",
        )
        require(
            not self.http_token or len(self.http_token) >= SHORTEST_TOKEN,
            "http_token",
            f"must have {SHORTEST_TOKEN} characters at least",
        )
        require(
            all("!" <= each <= "~" for each in self.http_token),
            "http_token",
            "must be printable ASCII without spaces",
        )

    @property
    def has_inlet(self) -> bool:
        """Return whether events come in here from senders."""
        return bool(self.http_token) or self.mqtt is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscriptionConfig:
    """A persistent subscription whose events become objects of one BACnet device.

    network_id: of the BACnet network whose own device has the objects. group: of
    consumers, of which one works. event_types: of ALL; () for those we know. offset:
    added to every object instance. command_stream: where commands of BMS clients go,
    "" for "{stream}-commands".
    """

    subscription_id: str
    store_id: str
    network_id: str
    stream_kind: StreamKind = StreamKind.STREAM
    stream: str = ""
    group: str = "plantroom"
    event_types: tuple[str, ...] = ()
    offset: int = 0
    command_stream: str = ""

    def __post_init__(self) -> None:
        """Refuse what cannot work, saying which field and why."""
        require(bool(self.subscription_id), "subscription_id", "must not be empty")
        require(bool(self.group), "group", "must not be empty")
        needs_name = self.stream_kind is not StreamKind.ALL
        require(bool(self.stream) or not needs_name, "stream", "must not be empty")
        require(
            bool(self.stream or self.command_stream),
            "command_stream",
            "must be named where there is no stream",
        )
        require(
            0 <= self.offset <= LARGEST_INSTANCE,
            "offset",
            f"must be 0 to {LARGEST_INSTANCE}",
        )

    @property
    def commands_to(self) -> str:
        """Return the stream that gets what BMS clients command."""
        return self.command_stream or f"{self.stream}-commands"


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayConfig:
    """All stores and subscriptions.

    redis_url: of the recovery cache, "" for the embedded one. standby: another server
    has the same configuration and the same Redis; of the two, one is the device.
    """

    stores: tuple[EventStoreConfig, ...] = ()
    subscriptions: tuple[SubscriptionConfig, ...] = ()
    redis_url: str = field(default="", repr=False)
    standby: bool = False

    def __post_init__(self) -> None:
        """Refuse ids used twice, subscriptions to no store, logs that two would fill."""
        require(
            bool(self.redis_url) or not self.standby, "redis_url", "is what both share"
        )
        stores = [store.store_id for store in self.stores]
        require(len(set(stores)) == len(stores), "stores", "use an id twice")
        ids = [each.subscription_id for each in self.subscriptions]
        require(len(set(ids)) == len(ids), "subscriptions", "use an id twice")
        for each in self.subscriptions:
            require(
                each.store_id in stores,
                "subscriptions",
                f"name the unknown store {each.store_id}",
            )
        embedded = [each for each in self.stores if each.kind is StoreKind.EMBEDDED]
        require(len(embedded) <= 1, "stores", "have one embedded log at most")
        require(
            not (self.standby and any(each.has_inlet for each in self.stores)),
            "standby",
            "goes with no way into an embedded log, which one server has alone",
        )

    @property
    def idle(self) -> bool:
        """Return whether there is nothing to do."""
        return not self.subscriptions and not any(s.has_inlet for s in self.stores)
