"""The registry of what a client may ask an engine to do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, get_type_hints

COMMAND_NAME = "_plantroom_command"


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command's name, its request and result types, and the method behind it.

    request: None for a command that takes nothing.
    """

    name: str
    request: type | None
    result: Any
    method: str


def command[**P, R](
    name: str,
) -> Callable[[Callable[P, Awaitable[R]]], Callable[P, Awaitable[R]]]:
    """Declare an async method of at most one argument as the command of that name."""

    def declare(method: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
        setattr(method, COMMAND_NAME, name)
        return method

    return declare


def commands_of(owner: type) -> dict[str, Command]:
    """Return the commands that a class declares, by name."""
    found: dict[str, Command] = {}
    for attribute in dir(owner):
        method = getattr(owner, attribute, None)
        name = getattr(method, COMMAND_NAME, None)
        if name is None:
            continue
        hints = get_type_hints(method)
        result = hints.pop("return")
        request = next(iter(hints.values()), None)
        found[name] = Command(
            name=name, request=request, result=result, method=attribute
        )
    return found
