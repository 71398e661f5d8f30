"""Answers in segments as strict peers want them; bacpypes3 is wrong in two ways."""

from typing import Any, Final

from bacpypes3.apdu import ComplexAckPDU

# A BACnet-ComplexACK-PDU in segments: type, invoke id, sequence, window, service
HEADER_OCTETS: Final = 5


def mend_segments(asap: Any, apdu: Any) -> None:
    """Have an answer cut into segments that every peer takes.

    None is longer than the APDU that a peer accepts (20.1.5), of which bacpypes3 fills
    all with data, and each says that an answer to it is expected (5.4.5, 6.2.2).
    """
    if not isinstance(apdu, ComplexAckPDU):
        return
    for transaction in asap.serverTransactions:
        if (
            transaction.invokeID == apdu.apduInvokeID
            and transaction.pdu_address == apdu.pduDestination
        ):
            transaction.maxApduLengthAccepted -= HEADER_OCTETS
            _expect_answers(transaction)
            return


def _expect_answers(transaction: Any) -> None:
    made = transaction.get_segment

    def get_segment(index: int) -> Any:
        segment = made(index)
        segment.pduExpectingReply = bool(segment.apduSeg)
        return segment

    transaction.get_segment = get_segment
