"""The engine tells clients of certificates, and withdraws what is mended."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from custom_components.plantroom.engine.errors import ConfigurationError
from custom_components.plantroom.engine.event_bus import EventBus
from custom_components.plantroom.engine.events import CertificatesChanged
from custom_components.plantroom.engine.models import ProblemCode
from custom_components.plantroom.engine.problems import Problems
from custom_components.plantroom.engine.secure_connect.certificates import (
    CertificateStock,
    CredentialsSummary,
    IssuedCertificate,
)
from custom_components.plantroom.engine.secure_connect.certificates_port import (
    Certificates,
    RenewalAudit,
)
from custom_components.plantroom.engine.secure_connect.certifying import Certifying
from custom_components.plantroom.engine.storage.audit_log import AuditLog
from custom_components.plantroom.engine.storage.database import Database

NOW = datetime(2026, 11, 21, tzinfo=UTC)


class Shelf:
    """Keeps what a test puts on it."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[CertificateStock], None]] = []
        self._stock = CertificateStock()

    def stock(self) -> CertificateStock:
        return self._stock

    def listen(self, listener: Callable[[CertificateStock], None]):
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def audit_renewals(self, audit: RenewalAudit) -> None:
        """Renew nothing."""

    def put(self, days: float) -> None:
        hub = CredentialsSummary(
            credentials_id="hub", name="Hub", expires_at=NOW + timedelta(days=days)
        )
        other = IssuedCertificate(
            serial="1", subject="CN=AHU", authority="", issued_at=NOW, expires_at=NOW
        )
        self._stock = CertificateStock(credentials=(hub,), issued=(other,))
        for listener in self._listeners:
            listener(self._stock)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def events() -> EventBus:
    return EventBus()


@pytest.fixture
async def problems(shelf: Shelf, events: EventBus):
    problems = Problems(events)
    log = AuditLog(Database(None))
    certifying = Certifying(
        events, problems, cast(Certificates, shelf), log, lambda: NOW
    )
    certifying.start()
    yield problems
    await certifying.stop()
    assert problems.all() == ()


async def test_severity_rises_and_renewal_clears(shelf: Shelf, problems: Problems):
    told = []
    for days in (59, 29, 6, -1):
        shelf.put(days)
        [problem] = problems.all()
        told.append((problem.code, problem.facts["days"]))
    assert told == [
        (ProblemCode.CERTIFICATE_EXPIRES, "60"),
        (ProblemCode.CERTIFICATE_EXPIRES, "30"),
        (ProblemCode.CERTIFICATE_EXPIRES, "7"),
        (ProblemCode.CERTIFICATE_EXPIRED, "0"),
    ]
    shelf.put(700)
    assert problems.all() == ()


async def test_problem_that_stands_is_withdrawn_at_the_end(
    shelf: Shelf, problems: Problems
):
    shelf.put(5)
    assert problems.all()


async def test_clients_hear_of_what_is_ours(
    shelf: Shelf, problems: Problems, events: EventBus
):
    heard: list[Any] = []
    events.listen(lambda numbered: heard.append(numbered.event))
    shelf.put(700)
    [event] = [each for each in heard if isinstance(each, CertificatesChanged)]
    assert [each.name for each in event.stock.credentials] == ["Hub"]
    assert event.stock.issued == ()


async def test_process_without_certificates_says_so(events: EventBus):
    certifying = Certifying(events, Problems(events), None, AuditLog(Database(None)))
    certifying.start()
    assert certifying.told == CertificateStock()
    with pytest.raises(ConfigurationError, match="Plantroom server"):
        _ = certifying.kept
    await certifying.stop()
