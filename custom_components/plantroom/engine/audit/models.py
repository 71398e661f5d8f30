"""What an audit log says of itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyRequest:
    """Check the whole log; mark: "number:hash" that somebody noted before, or ""."""

    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditVerification:
    """Whether every row is what was appended, and none is missing.

    rows: how many are kept, first and last: their numbers, 0 for none. mark: of the
    last one, to be noted where nobody who can change the log can reach it. broken_at:
    the first row that is wrong, None for none. reason: "changed", "missing" (one or
    more rows from that number on), or "mark" (the noted mark is of another log).
    """

    intact: bool
    rows: int = 0
    first: int = 0
    last: int = 0
    mark: str = ""
    broken_at: int | None = None
    reason: str = ""
