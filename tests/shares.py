"""How several processes share the tests: a file whole, a Home Assistant by one."""

from typing import Final, override

from xdist.scheduler import LoadScopeScheduling

# Their tests share what takes long to start
WHOLE_FOLDERS: Final = ("tests/end_to_end/",)
# What takes longest begins first, beside what leaves it the processor
TURNS: Final = (
    ("tests/end_to_end/",),
    ("tests/connection/", "tests/engine/"),
    ("tests/addon/", "tests/bench_tests/", "tests/soak_tests/"),
)


class Shares(LoadScopeScheduling):
    """Gives each process the next file, in the order of the tests."""

    @override
    def _split_scope(self, nodeid: str) -> str:
        for folder in WHOLE_FOLDERS:
            if nodeid.startswith(folder):
                return folder
        return nodeid.partition("::")[0]


def turn_of(nodeid: str) -> int:
    """Return when a test's turn is, the first at 0."""
    for turn, folders in enumerate(TURNS):
        if nodeid.startswith(folders):
            return turn
    return len(TURNS)
