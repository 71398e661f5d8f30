"""People are told 60, 30 and 7 days before a certificate ends, and when it has."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.plantroom.engine.models import ProblemCode
from custom_components.plantroom.engine.secure_connect.certificates import (
    AuthoritySummary,
    CertificateStock,
    CredentialsSummary,
)
from custom_components.plantroom.engine.secure_connect.expiry import (
    days_told,
    problems_of,
)

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (timedelta(days=60, seconds=1), None),
        (timedelta(days=60), 60),
        (timedelta(days=30, seconds=1), 60),
        (timedelta(days=30), 30),
        (timedelta(days=7), 7),
        (timedelta(seconds=1), 7),
        (timedelta(0), 0),
        (timedelta(days=-400), 0),
    ],
)
def test_days_are_told_in_steps(left: timedelta, told: int | None):
    assert days_told(NOW + left, NOW) == told


def stock(days: float, **others: bool) -> CertificateStock:
    return CertificateStock(
        credentials=(
            CredentialsSummary(
                credentials_id="hub",
                name="Hub",
                expires_at=NOW + timedelta(days=days),
                **others,
            ),
            CredentialsSummary(credentials_id="node", name="Asked for", request="…"),
        ),
        authorities=(
            AuthoritySummary(
                fingerprint="ab",
                name="CN=Tower",
                starts_at=NOW,
                expires_at=NOW + timedelta(days=days + 100),
                certificate="",
                signs=True,
            ),
        ),
    )


@pytest.mark.parametrize("ours", [True, False])
def test_only_what_our_authority_issued_is_renewable(ours: bool):
    [problem] = problems_of(stock(29, issued_here=ours), NOW)
    assert (problem.code, problem.subject) == (ProblemCode.CERTIFICATE_EXPIRES, "hub")
    assert problem.facts == {
        "name": "Hub",
        "days": "30",
        "date": "2026-12-20",
        "renewable": "yes" if ours else "",
    }


def test_expired_is_another_problem():
    [problem] = problems_of(stock(-1), NOW)
    assert problem.code is ProblemCode.CERTIFICATE_EXPIRED


def test_authority_is_told_of_apart():
    codes = {each.code for each in problems_of(stock(-95), NOW)}
    assert codes == {ProblemCode.CERTIFICATE_EXPIRED, ProblemCode.AUTHORITY_EXPIRES}


def test_key_that_a_backup_left_out_is_told_of():
    [problem] = problems_of(stock(100, has_key=False), NOW)
    assert problem.code is ProblemCode.KEY_GONE


def test_nothing_to_tell():
    assert problems_of(stock(100), NOW) == []
