"""What tests of BACnet/SC share."""

import pytest

from .certificates import Site, make_site


@pytest.fixture(scope="session")
def site() -> Site:
    """Return certificates that were made for this session."""
    return make_site()
