"""Errors as JSON: {"code", "message", "facts"}; they come out as what they were."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..errors import PlantroomError


def _family(error_type: type[PlantroomError]) -> Iterator[type[PlantroomError]]:
    yield error_type
    for below in error_type.__subclasses__():
        yield from _family(below)


# A class without a code of its own comes out as the one that it has the code of
ERROR_TYPES: Final[Mapping[str, type[PlantroomError]]] = {
    error_type.code: error_type
    for error_type in _family(PlantroomError)
    if "code" in vars(error_type)
}


def error_to_json(err: PlantroomError) -> dict[str, Any]:
    """Return an error's form."""
    return {"code": err.code, "message": str(err), "facts": dict(err.facts)}


def error_from_json(data: Any) -> PlantroomError:
    """Return the error in its form; one of no known code is a plain PlantroomError."""
    match data:
        case {"code": str(code), "message": str(message), "facts": dict(facts)}:
            return _made(code, message, {k: str(v) for k, v in facts.items()})
    return PlantroomError("The other side sent an error that cannot be read")


def _made(code: str, message: str, facts: dict[str, str]) -> PlantroomError:
    try:
        return ERROR_TYPES.get(code, PlantroomError)(message, **facts)
    except TypeError:
        # A fact is missing that the error cannot be without
        return PlantroomError(message)
