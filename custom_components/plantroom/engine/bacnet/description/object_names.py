"""Texts that devices give, made fit to show: clean, never empty, told apart."""

import unicodedata
from collections import Counter
from collections.abc import Sequence
from typing import Final

LONGEST: Final = 255
MOST_STATES: Final = 1000
_UNFIT_CATEGORIES: Final = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def clean_text(text: object) -> str:
    """Return a text without control characters and odd spaces, at most 255 long.

    Anything but a text gives "".
    """
    if not isinstance(text, str):
        return ""
    if not text.isprintable():
        text = "".join(
            " " if unicodedata.category(character) in _UNFIT_CATEGORIES else character
            for character in text
        )
    return " ".join(text.split())[:LONGEST].rstrip()


def unique_names(names: Sequence[tuple[str, str]]) -> list[str]:
    """Return the names of (reference, name) pairs, no two of them the same.

    An empty name becomes the reference, one used twice gets it in brackets.
    """
    counts = Counter(name for _, name in names)
    return [_name_once(reference, name, counts[name] == 1) for reference, name in names]


def state_texts(texts: Sequence[object], count: int | None) -> tuple[str, ...]:
    """Return one text for each state, no two the same; state 1 comes first.

    count: the number of states, None to believe the texts. Missing texts become
    "State 3", texts used twice get their number: "Reserved (4)".
    """
    length = min(len(texts) if not count or count < 0 else count, MOST_STATES)
    cleaned = [clean_text(text) for text in texts[:length]]
    cleaned += [""] * (length - len(cleaned))
    counts = Counter(cleaned)
    return tuple(
        text if text and counts[text] == 1 else _state_text(text, number)
        for number, text in enumerate(cleaned, 1)
    )


def binary_texts(inactive: object, active: object) -> tuple[str, ...]:
    """Return (inactive, active), or () where the device does not tell them apart."""
    texts = (clean_text(inactive), clean_text(active))
    if texts[0] == texts[1]:
        return ()
    return (texts[0] or "Inactive", texts[1] or "Active")


def _name_once(reference: str, name: str, alone: bool) -> str:
    if not name:
        return reference
    if alone:
        return name
    ending = f" ({reference})"
    return name[: LONGEST - len(ending)].rstrip() + ending


def _state_text(text: str, number: int) -> str:
    ending = f" ({number})"
    return text[: LONGEST - len(ending)] + ending if text else f"State {number}"
