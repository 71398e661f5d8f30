"""Property identifiers of BACnet: names and numbers, and those we read by name."""

from enum import IntEnum
from typing import Final

from .number_names import NumberNames


class PropertyId(IntEnum):
    """The properties that the engine itself reads, writes or serves."""

    ACTIVE_TEXT = 4
    ALL = 8
    APDU_SEGMENT_TIMEOUT = 10
    APDU_TIMEOUT = 11
    APPLICATION_SOFTWARE_VERSION = 12
    COV_INCREMENT = 22
    DAYLIGHT_SAVINGS_STATUS = 24
    DESCRIPTION = 28
    DEVICE_ADDRESS_BINDING = 30
    DEVICE_TYPE = 31
    EVENT_STATE = 36
    FIRMWARE_REVISION = 44
    INACTIVE_TEXT = 46
    LOCAL_DATE = 56
    LOCAL_TIME = 57
    LOCATION = 58
    MAXIMUM_OUTPUT = 61
    MAX_APDU_LENGTH_ACCEPTED = 62
    MAX_PRES_VALUE = 65
    MINIMUM_OUTPUT = 68
    MIN_PRES_VALUE = 69
    MODEL_NAME = 70
    NUMBER_OF_APDU_RETRIES = 73
    NUMBER_OF_STATES = 74
    OBJECT_IDENTIFIER = 75
    OBJECT_LIST = 76
    OBJECT_NAME = 77
    OBJECT_TYPE = 79
    OPTIONAL = 80
    OUT_OF_SERVICE = 81
    OUTPUT_UNITS = 82
    POLARITY = 84
    PRESENT_VALUE = 85
    PRIORITY_ARRAY = 87
    PROTOCOL_OBJECT_TYPES_SUPPORTED = 96
    PROTOCOL_SERVICES_SUPPORTED = 97
    PROTOCOL_VERSION = 98
    RELIABILITY = 103
    RELINQUISH_DEFAULT = 104
    REQUIRED = 105
    RESOLUTION = 106
    SEGMENTATION_SUPPORTED = 107
    STATE_TEXT = 110
    STATUS_FLAGS = 111
    SYSTEM_STATUS = 112
    UNITS = 117
    UTC_OFFSET = 119
    VENDOR_IDENTIFIER = 120
    VENDOR_NAME = 121
    LOG_BUFFER = 131
    LOG_DEVICE_OBJECT_PROPERTY = 132
    ENABLE = 133
    LOG_INTERVAL = 134
    PROTOCOL_REVISION = 139
    RECORD_COUNT = 141
    ACTIVE_COV_SUBSCRIPTIONS = 152
    DATABASE_REVISION = 155
    MAX_SEGMENTS_ACCEPTED = 167
    SCALE = 187
    LOGGING_TYPE = 197
    PROPERTY_LIST = 371
    SERIAL_NUMBER = 372
    CURRENT_COMMAND_PRIORITY = 431


def property_name(number: int) -> str:
    """Return the standard's name ("priority-array"), the number as text if unknown."""
    return PROPERTIES.name(number)


def property_number(name: str) -> int | None:
    """Return the number of "priority-array" or of "87"; None if there is none."""
    return PROPERTIES.number(name)


PROPERTIES: Final = NumberNames(
    (
        0,
        """
        acked-transitions ack-required action action-text active-text
        active-vt-sessions alarm-value alarm-values all all-writes-successful
        apdu-segment-timeout apdu-timeout application-software-version archive bias
        change-of-state-count change-of-state-time notification-class
    """,
    ),
    (
        19,
        """
        controlled-variable-reference controlled-variable-units
        controlled-variable-value cov-increment date-list daylight-savings-status
        deadband derivative-constant derivative-constant-units description
        description-of-halt device-address-binding device-type effective-period
        elapsed-active-time error-limit event-enable event-state event-type
        exception-schedule fault-values feedback-value file-access-method file-size
        file-type firmware-revision high-limit inactive-text in-process instance-of
        integral-constant integral-constant-units issue-confirmed-notifications
        limit-enable list-of-group-members list-of-object-property-references
        list-of-session-keys local-date local-time location low-limit
        manipulated-variable-reference maximum-output max-apdu-length-accepted
        max-info-frames max-master max-pres-value minimum-off-time minimum-on-time
        minimum-output min-pres-value model-name modification-date notify-type
        number-of-apdu-retries number-of-states object-identifier object-list
        object-name object-property-reference object-type optional out-of-service
        output-units event-parameters polarity present-value priority priority-array
        priority-for-writing process-identifier program-change program-location
        program-state proportional-constant proportional-constant-units
    """,
    ),
    (
        96,
        """
        protocol-object-types-supported protocol-services-supported protocol-version
        read-only reason-for-halt
    """,
    ),
    (
        102,
        """
        recipient-list reliability relinquish-default required resolution
        segmentation-supported setpoint setpoint-reference state-text status-flags
        system-status time-delay time-of-active-time-reset time-of-state-count-reset
        time-synchronization-recipients units update-interval utc-offset
        vendor-identifier vendor-name vt-classes-supported weekly-schedule
        attempted-samples average-value buffer-size client-cov-increment
        cov-resubscription-interval
    """,
    ),
    (
        130,
        """
        event-time-stamps log-buffer log-device-object-property enable log-interval
        maximum-value minimum-value notification-threshold
    """,
    ),
    (
        139,
        """
        protocol-revision records-since-notification record-count start-time stop-time
        stop-when-full total-record-count valid-samples window-interval window-samples
        maximum-value-timestamp minimum-value-timestamp variance-value
        active-cov-subscriptions backup-failure-timeout configuration-files
        database-revision direct-reading last-restore-time maintenance-required
        member-of mode operation-expected setting silenced tracking-value zone-members
        life-safety-alarm-values max-segments-accepted profile-name
        auto-slave-discovery manual-slave-address-binding slave-address-binding
        slave-proxy-enable last-notify-record schedule-default accepted-modes
        adjust-value count count-before-change count-change-time cov-period
        input-reference limit-monitoring-interval logging-object logging-record
        prescale pulse-rate scale scale-factor update-time value-before-change
        value-set value-change-time align-intervals
    """,
    ),
    (
        195,
        """
        interval-offset last-restart-reason logging-type
    """,
    ),
    (
        202,
        """
        restart-notification-recipients time-of-device-restart
        time-synchronization-interval trigger utc-time-synchronization-recipients
        node-subtype node-type structured-object-list subordinate-annotations
        subordinate-list actual-shed-level duty-window expected-shed-level
        full-duty-baseline
    """,
    ),
    (
        218,
        """
        requested-shed-level shed-duration shed-level-descriptions shed-levels
        state-description
    """,
    ),
    (
        226,
        """
        door-alarm-state door-extended-pulse-time door-members door-open-too-long-time
        door-pulse-time door-status door-unlock-delay-time lock-status
        masked-alarm-values secured-status
    """,
    ),
    (
        244,
        """
        absentee-limit access-alarm-events access-doors access-event
        access-event-authentication-factor access-event-credential access-event-time
        access-transaction-events accompaniment accompaniment-time activation-time
        active-authentication-policy assigned-access-rights authentication-factors
        authentication-policy-list authentication-policy-names authentication-status
        authorization-mode belongs-to credential-disable credential-status credentials
        credentials-in-zone days-remaining entry-points exit-points expiration-time
        extended-time-enable failed-attempt-events failed-attempts
        failed-attempts-time last-access-event last-access-point last-credential-added
        last-credential-added-time last-credential-removed
        last-credential-removed-time last-use-time lockout lockout-relinquish-time
        master-exemption max-failed-attempts members muster-point
        negative-access-rules number-of-authentication-policies occupancy-count
        occupancy-count-adjust occupancy-count-enable occupancy-exemption
        occupancy-lower-limit occupancy-lower-limit-enforced occupancy-state
        occupancy-upper-limit occupancy-upper-limit-enforced passback-exemption
        passback-mode passback-timeout positive-access-rules reason-for-disable
        supported-formats supported-format-classes threat-authority threat-level
        trace-flag transaction-notification-class user-external-identifier
        user-information-reference
    """,
    ),
    (
        317,
        """
        user-name user-type uses-remaining zone-from zone-to access-event-tag
        global-identifier
    """,
    ),
    (
        326,
        """
        verification-time base-device-security-policy distribution-key-revision
        do-not-hide key-sets last-key-server network-access-security-policies
        packet-reorder-time security-pdu-timeout security-time-window
        supported-security-algorithms update-key-set-timeout backup-and-restore-state
        backup-preparation-time restore-completion-time restore-preparation-time
        bit-mask bit-text is-utc group-members group-member-names member-status-flags
        requested-update-interval covu-period covu-recipients event-message-texts
        event-message-texts-config event-detection-enable event-algorithm-inhibit
        event-algorithm-inhibit-ref time-delay-normal reliability-evaluation-inhibit
        fault-parameters fault-type local-forwarding-only process-identifier-filter
        subscribed-recipients port-filter authorization-exemptions
        allow-group-delay-inhibit channel-number control-groups execution-delay
        last-priority write-status property-list serial-number blink-warn-enable
        default-fade-time default-ramp-rate default-step-increment egress-time
        in-progress instantaneous-power lighting-command
        lighting-command-default-priority max-actual-value min-actual-value power
        transition egress-active interface-value fault-high-limit fault-low-limit
        low-diff-limit strike-count time-of-strike-count-reset default-timeout
        initial-timeout last-state-change state-change-values timer-running
        timer-state apdu-length ip-address ip-default-gateway ip-dhcp-enable
        ip-dhcp-lease-time ip-dhcp-lease-time-remaining ip-dhcp-server ip-dns-server
        bacnet-ip-global-address bacnet-ip-mode bacnet-ip-multicast-address
        bacnet-ip-nat-traversal ip-subnet-mask bacnet-ip-udp-port
        bbmd-accept-fd-registrations bbmd-broadcast-distribution-table
        bbmd-foreign-device-table changes-pending command fd-bbmd-address
        fd-subscription-lifetime link-speed link-speeds link-speed-autonegotiate
        mac-address network-interface-name network-number network-number-quality
        network-type routing-table virtual-mac-address-table command-time-array
        current-command-priority last-command-time value-source value-source-array
        bacnet-ipv6-mode ipv6-address ipv6-prefix-length bacnet-ipv6-udp-port
        ipv6-default-gateway bacnet-ipv6-multicast-address ipv6-dns-server
        ipv6-auto-addressing-enable ipv6-dhcp-lease-time
        ipv6-dhcp-lease-time-remaining ipv6-dhcp-server ipv6-zone-index
        assigned-landing-calls car-assigned-direction car-door-command car-door-status
        car-door-text car-door-zone car-drive-status car-load car-load-units car-mode
        car-moving-direction car-position elevator-group energy-meter energy-meter-ref
        escalator-mode fault-signals floor-text group-id
    """,
    ),
    (
        467,
        """
        group-mode higher-deck installation-id landing-calls landing-call-control
        landing-door-status lower-deck machine-room-id making-car-call
        next-stopping-floor operation-direction passenger-alarm power-mode
        registered-car-call active-cov-multiple-subscriptions protocol-level
        reference-port deployed-profile-location profile-location tags
        subordinate-node-types subordinate-tags subordinate-relationships
        default-subordinate-relationship represents default-present-value
        present-stage stages stage-names target-references audit-source-reporter
        audit-level audit-notification-recipient audit-priority-filter
        auditable-operations delete-on-forward maximum-send-delay monitored-objects
        send-now floor-number device-uuid additional-reference-ports
        certificate-signing-request-file command-validation-result
        issuer-certificate-files
    """,
    ),
    (
        4194304,
        """
        max-bvlc-length-accepted max-npdu-length-accepted operational-certificate-file
        current-health sc-connect-wait-timeout sc-direct-connect-accept-enable
        sc-direct-connect-accept-uris sc-direct-connect-binding
        sc-direct-connect-connection-status sc-direct-connect-initiate-enable
        sc-disconnect-wait-timeout sc-failed-connection-requests
        sc-failover-hub-connection-status sc-failover-hub-uri sc-hub-connector-state
        sc-hub-function-accept-uris sc-hub-function-binding
        sc-hub-function-connection-status sc-hub-function-enable sc-heartbeat-timeout
        sc-primary-hub-connection-status sc-primary-hub-uri sc-maximum-reconnect-time
        sc-minimum-reconnect-time color-override color-reference default-color
        default-color-temperature override-color-reference
    """,
    ),
    (
        4194334,
        """
        color-command high-end-trim low-end-trim trim-fade-time
    """,
    ),
)
"""BACnetPropertyIdentifier of clause 21, with those of the addenda up to 2020."""
