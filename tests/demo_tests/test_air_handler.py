"""The values on the air handler's picture can all be read."""

from itertools import combinations

from tests.demo.air_handler import LABELS

# What a label takes of the card's width and height, in percent.
PERCENTAGES = {"analog-input,10", "analog-input,11"}
NARROW, WIDE, HEIGHT = 8.5, 11.0, 13.0


def width(reference: str) -> float:
    """Return how wide the longest value of a point is."""
    output = reference.startswith("analog-output")
    return NARROW if output or reference in PERCENTAGES else WIDE


def test_no_label_covers_another():
    covered = [
        (one[0], other[0])
        for one, other in combinations(LABELS, 2)
        if abs(one[1] - other[1]) < (width(one[0]) + width(other[0])) / 2
        and abs(one[2] - other[2]) < HEIGHT
    ]
    assert covered == []


def test_no_label_leaves_the_picture():
    for reference, left, _ in LABELS:
        assert width(reference) / 2 < left < 100 - width(reference) / 2
