"""What is asked of writes that end by themselves."""

from dataclasses import dataclass

from ..checks import require


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseConfig:
    """How long a client may be away before what it holds ends, where it holds so."""

    client_gone_seconds: float = 300.0

    def __post_init__(self) -> None:
        """Refuse what cannot work, saying which field and why."""
        require(
            10 <= self.client_gone_seconds <= 86400,
            "client_gone_seconds",
            "must be 10 to 86400",
        )
