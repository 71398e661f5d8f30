"""Why an MQTT broker cannot be used, as a sentence that names the option."""

import ssl
from typing import Final

from aiomqtt import MqttCodeError, MqttError
from paho.mqtt.reasoncodes import ReasonCode

# Reason codes of CONNACK (MQTT 5.0, 3.2.2.2)
_REFUSALS: Final = {
    0x84: ("host", "is of a broker without MQTT 5"),
    0x85: ("client_id", "is not let in by the broker"),
    0x86: ("password", "or user is wrong"),
    0x87: ("user", "is not let in by the broker, or the password is wrong"),
    0x8A: ("client_id", "is banned by the broker"),
    0x8C: ("user", "has to show itself in another way"),
}
# What X.509 verification says of a name or an address that the certificate has not
_WRONG_NAMES: Final = frozenset({62, 64})


class BrokerRefusedError(Exception):
    """The broker refuses until a person mends the option."""

    def __init__(self, option: str, text: str) -> None:
        """Name the option before what is wrong with it."""
        super().__init__(f"{option} {text}")
        self.option = option


def refusal_of(err: MqttError | ssl.SSLError) -> BrokerRefusedError | None:
    """Return what a person has to mend, None for what may pass by itself."""
    if isinstance(err, ssl.SSLCertVerificationError):
        if err.verify_code in _WRONG_NAMES:
            return BrokerRefusedError("host", "is not what the certificate names")
        return BrokerRefusedError("root_certificates", "do not vouch for the broker")
    if isinstance(err, ssl.SSLError):
        return BrokerRefusedError("tls", "is not what the broker does at this port")
    if isinstance(err, MqttCodeError) and isinstance(err.rc, ReasonCode):
        known = _REFUSALS.get(err.rc.value)
        return None if known is None else BrokerRefusedError(*known)
    return None
