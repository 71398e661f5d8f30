"""How a configuration refuses what cannot work."""

from .errors import ConfigurationError


def require(holds: bool, name: str, message: str) -> None:
    """Raise ConfigurationError naming the field unless the condition holds."""
    if not holds:
        raise ConfigurationError(f"{name} {message}", field=name)
