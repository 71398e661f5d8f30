"""What tests of BACnet/SC share."""

from pathlib import Path

import pytest

from .certificates import Site, make_site
from .desk import Desk


@pytest.fixture(scope="session")
def site() -> Site:
    """Return certificates that were made for this session."""
    return make_site()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return an authority and what it keeps in a folder."""
    return Desk(tmp_path / "data").with_authority()
