"""brand/*.png: there, and of the sizes that Home Assistant shows."""

from collections.abc import Iterator
from pathlib import Path

from PIL import Image

ICON_SIDE = {"icon": 256, "icon@2x": 512}
LOGO_SHORT_SIDE = {"logo": range(128, 257), "logo@2x": range(256, 513)}


def check(folder: Path) -> Iterator[str]:
    """Yield the faults of an integration's pictures."""
    brand = folder / "brand"
    for prefix in ("", "dark_"):
        for name in (*ICON_SIDE, *LOGO_SHORT_SIDE):
            path = brand / f"{prefix}{name}.png"
            if path.exists():
                yield from _size_faults(path, name)
            else:
                yield f"brand/{path.name} is missing"


def _size_faults(path: Path, name: str) -> Iterator[str]:
    with Image.open(path) as image:
        size = image.size
    if name in ICON_SIDE:
        fits = size == (ICON_SIDE[name], ICON_SIDE[name])
    else:
        fits = min(size) in LOGO_SHORT_SIDE[name]
    if not fits:
        yield f"brand/{path.name} is {size[0]} x {size[1]}"
