"""Why a node has no hub; each is a status' reason, translated for people."""

from enum import StrEnum


class HubTrouble(StrEnum):
    """What stands between a node and a hub, or a peer that it dials directly."""

    # On the way there
    NAME_UNKNOWN = "hub_name_unknown"
    UNREACHABLE = "hub_unreachable"
    CONNECTION_REFUSED = "hub_connection_refused"
    NO_ANSWER = "hub_no_answer"
    # Its certificate
    UNTRUSTED = "hub_untrusted"
    EXPIRED = "hub_certificate_expired"
    NOT_YET_VALID = "hub_certificate_not_yet_valid"
    HOST_NAME = "hub_host_name"
    CERTIFICATE = "hub_certificate"
    # Ours
    CREDENTIALS = "credentials"
    OWN_UNTRUSTED = "own_certificate_untrusted"
    OWN_EXPIRED = "own_certificate_expired"
    OWN_REFUSED = "own_certificate_refused"
    # Other than certificates
    TLS = "hub_tls"
    NOT_A_HUB = "not_a_hub"
    VMAC_REFUSED = "vmac_refused"
    REFUSED = "hub_refused"
    PROTOCOL = "hub_protocol"
    # Before it accepted us, without a word: it may not trust our certificate
    CLOSED_EARLY = "hub_closed_early"
    # Once connected
    CLOSED = "hub_closed"
    GOODBYE = "hub_goodbye"
    SILENT = "hub_silent"
    NOT_READING = "hub_not_reading"
