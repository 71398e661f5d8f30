"""What a part of the soak is, and what it found."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

type Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a person asked for. rounds: of what a part repeats. seed: of all chance."""

    rounds: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One line of the table. wrong: all that was not as it should be."""

    what: str
    found: str
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One subject. missing: why it cannot run on this machine, "" when it can."""

    title: str
    run: Callable[[Options, Say], Awaitable[list[Trial]]]
    missing: Callable[[], str] = lambda: ""
