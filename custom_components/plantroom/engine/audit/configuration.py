"""What is asked of the audit log."""

from dataclasses import dataclass

from ..checks import require


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditConfig:
    """How long rows are kept, and how many at most: a row takes some 400 octets."""

    keep_days: int = 730
    most_rows: int = 200_000

    def __post_init__(self) -> None:
        """Refuse what cannot work, saying which field and why."""
        require(1 <= self.keep_days <= 3660, "keep_days", "must be 1 to 3660")
        require(
            1000 <= self.most_rows <= 5_000_000, "most_rows", "must be 1000 to 5000000"
        )
