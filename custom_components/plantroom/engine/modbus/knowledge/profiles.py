"""The device profiles there are: those that come with us, and the users' own."""

import asyncio
import logging
from functools import cache
from pathlib import Path

from ...errors import ConfigurationError
from ...requests import ProfileSummary
from .profile import DeviceProfile
from .profile_file import read_profile

_LOGGER = logging.getLogger(__name__)

FOLDER = "profiles"
SHIPPED = Path(__file__).parents[1] / FOLDER


class Profiles:
    """Profiles by id; a user's own takes the place of ours of the same id."""

    def __init__(self, data_folder: Path | None) -> None:
        """Take the folder that may hold profiles/*.json; None: ours only."""
        self._own = None if data_folder is None else data_folder / FOLDER
        self._profiles: dict[str, DeviceProfile] = {}

    async def load(self) -> None:
        """Read all files, off the loop; a broken one is logged and left out.

        Called again, it reads the users' files again.
        """
        self._profiles = await asyncio.to_thread(self._read)

    def get(self, profile_id: str) -> DeviceProfile | None:
        """Return a profile, or None when there is none of that id."""
        return self._profiles.get(profile_id)

    def all(self) -> tuple[DeviceProfile, ...]:
        """Return every profile, by maker and model."""
        return tuple(
            sorted(
                self._profiles.values(),
                key=lambda profile: (profile.maker.casefold(), profile.model),
            )
        )

    def summaries(self) -> tuple[ProfileSummary, ...]:
        """Return what a person chooses from, by maker and model."""
        return tuple(
            ProfileSummary(
                id=profile.id,
                maker=profile.maker,
                model=profile.model,
                kind=profile.kind,
                points=len(profile.points),
                document=profile.source.document,
            )
            for profile in self.all()
        )

    def _read(self) -> dict[str, DeviceProfile]:
        own = {} if self._own is None else _read_folder(self._own)
        return _shipped() | own


@cache
def _shipped() -> dict[str, DeviceProfile]:
    """Return our own profiles, read once in a process."""
    return _read_folder(SHIPPED)


def _read_folder(folder: Path) -> dict[str, DeviceProfile]:
    profiles: dict[str, DeviceProfile] = {}
    for path in sorted(folder.glob("*.json")):
        try:
            profile = read_profile(path)
        except ConfigurationError as err:
            _LOGGER.warning("Device profile %s is left out: %s", path.name, err)
            continue
        profiles[profile.id] = profile
    return profiles
