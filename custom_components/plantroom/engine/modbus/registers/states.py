"""Raw values of an enumeration ↔ states counted from 1; pure."""

from .register_map import RegisterPoint, ValueType


def raw_states(point: RegisterPoint) -> tuple[int, ...]:
    """Return the raw value of each state, from state 1 on, lowest first."""
    return tuple(sorted({int(text) for text in point.states}))


def state_texts(point: RegisterPoint) -> tuple[str, ...]:
    """Return the texts from state 1 on, or (inactive, active) of a bool.

    A text that two raw values share is followed by the raw value.
    """
    if not point.states:
        return ()
    texts = {int(raw): text.strip() for raw, text in point.states.items()}
    if point.type is ValueType.BOOL:
        return (texts.get(0, ""), texts.get(1, ""))
    shared = [*texts.values()]
    return tuple(
        texts[raw]
        if texts[raw] and shared.count(texts[raw]) == 1
        else f"{texts[raw]} ({raw})".strip()
        for raw in raw_states(point)
    )
