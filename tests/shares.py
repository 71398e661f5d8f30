"""How several processes share the tests: a file whole, a Home Assistant by one."""

from typing import Final, override

from xdist.scheduler import LoadScopeScheduling

# Their tests share what takes long to start
WHOLE_FOLDERS: Final = ("tests/end_to_end/",)
# Begun first, so that nobody waits for them in the end
LONG_FOLDERS: Final = ("tests/end_to_end/", "tests/soak_tests/", "tests/bench_tests/")


class Shares(LoadScopeScheduling):
    """Gives each process the next file, in the order of the tests."""

    @override
    def _split_scope(self, nodeid: str) -> str:
        for folder in WHOLE_FOLDERS:
            if nodeid.startswith(folder):
                return folder
        return nodeid.partition("::")[0]


def is_short(nodeid: str) -> bool:
    """Return whether a test may begin when the long ones have."""
    return not nodeid.startswith(LONG_FOLDERS)
