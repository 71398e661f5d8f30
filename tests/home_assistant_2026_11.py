"""Let the test tools of Home Assistant 2026.10 run on 2026.11.

To be dropped with the first pytest-homeassistant-custom-component for 2026.11. Import
it before anything of that package.
"""

# Importing Home Assistant puts its own httpx and voluptuous in place, so it comes first.
from homeassistant.components import logger
from homeassistant.components.logger import helpers


def alias_moved_names() -> None:
    """Give names that 2026.11 moved their places of 2026.10."""
    if not hasattr(logger, "_clear_logger_overwrites"):
        logger._clear_logger_overwrites = helpers._clear_logger_overwrites


alias_moved_names()
