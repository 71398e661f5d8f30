"""The fleet's objects as the engine names them and as the fleet does."""

from tests.simulators.fleet_device import ANALOG_INPUT, ANALOG_VALUE, BINARY_INPUT

REFERENCES = {
    ANALOG_INPUT: "analog-input",
    ANALOG_VALUE: "analog-value",
    BINARY_INPUT: "binary-input",
}
_TYPES = {name: number for number, name in REFERENCES.items()}


def object_name(reference: str) -> str:
    """Return "0,1" for the reference "analog-input,1"."""
    kind, _, instance = reference.partition(",")
    return f"{_TYPES[kind]},{instance}"


def change_name(point_id: str) -> tuple[int, str]:
    """Return device instance and "0,1" for "network:100001:analog-input,1"."""
    _, instance, reference = point_id.split(":")
    return int(instance), object_name(reference)
