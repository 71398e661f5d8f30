"""Draw Plantroom's icon and logo: a house of pipe, a pump, and a plant that grows on it.

The pipe goes from the warm of the supply to the cool of the return. Run it after a
change; the pictures are committed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parents[1]
BRAND = ROOT / "custom_components/plantroom/brand"
ADDON = ROOT / "addon"  # whose store has one background for all

CANVAS = 512  # the unit of every coordinate below
OVERSAMPLING = 4  # drawn larger, then scaled down, for smooth edges

ROOF = [(72, 236), (256, 72), (440, 236)]
HOUSE = [(256, 420), (72, 420), *ROOF, (440, 420), (256, 420)]
PIPE_WIDTH = 42
FLANGES = [(72, 322), (440, 322)]
PUMP_CENTRE = (256, 420)
PUMP_RADIUS = 68
STEM = [(256, 350), (256, 246)]
LEAVES = [
    # tip at the stem, outer tip, and the two bows between
    ((256, 276), (346, 190), (258, 194), (342, 276)),
    ((256, 316), (166, 236), (250, 240), (172, 316)),
]

type Point = tuple[float, float]
type Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """The colours for one background."""

    warm: Colour
    middle: Colour
    cool: Colour
    leaf: Colour
    ink: Colour
    pump: Colour


LIGHT = Palette(
    warm=(238, 108, 60),
    middle=(150, 92, 146),
    cool=(24, 128, 178),
    leaf=(70, 160, 73),
    ink=(33, 51, 66),
    pump=(255, 255, 255),
)
DARK = Palette(
    warm=(255, 140, 92),
    middle=(190, 134, 190),
    cool=(74, 178, 226),
    leaf=(122, 205, 116),
    ink=(236, 242, 246),
    pump=(30, 42, 52),
)


def main() -> None:
    """Write every picture that Home Assistant asks a brand for, and the app store."""
    BRAND.mkdir(parents=True, exist_ok=True)
    for prefix, palette in (("", LIGHT), ("dark_", DARK)):
        icon = draw_icon(palette)
        logo = draw_logo(icon, palette)
        for suffix, side in (("", 256), ("@2x", 512)):
            _save(icon, BRAND / f"{prefix}icon{suffix}.png", side)
            _save(logo, BRAND / f"{prefix}logo{suffix}.png", side // 2)
    icon = draw_icon(LIGHT)
    _save(icon, ADDON / "icon.png", 256)
    _save(draw_logo(icon, LIGHT), ADDON / "logo.png", 100)


def draw_icon(palette: Palette) -> Image.Image:
    """Return the square icon on nothing, larger than it is needed."""
    side = CANVAS * OVERSAMPLING
    icon = Image.new("RGBA", (side, side))
    icon.paste(_gradient(side, palette), mask=_pipe_mask(side))
    pen = ImageDraw.Draw(icon)
    for leaf in LEAVES:
        _draw_leaf(pen, leaf, palette.leaf)
    pen.line(_scaled(STEM), fill=palette.leaf, width=16 * OVERSAMPLING)
    _draw_pump(pen, palette)
    return icon


def draw_logo(icon: Image.Image, palette: Palette) -> Image.Image:
    """Return the icon with the name beside it, cut to what is drawn."""
    height = icon.height
    font = ImageFont.load_default(height * 0.42)
    stroke = height // 110
    sketch = Image.new("RGBA", (height * 4, height))
    sketch.paste(icon)
    ImageDraw.Draw(sketch).text(
        (height * 1.06, height * 0.52),
        "Plantroom",
        font=font,
        fill=palette.ink,
        anchor="lm",
        stroke_width=stroke,
        stroke_fill=palette.ink,
    )
    box = sketch.getbbox()
    return sketch.crop((0, 0, box[2] if box else height, height))


def _gradient(side: int, palette: Palette) -> Image.Image:
    """Return the warm colour on the left that becomes the cool one on the right."""
    stops = Image.new("RGB", (3, 1))
    stops.putdata([palette.warm, palette.middle, palette.cool])
    # The box cuts half a pixel at each end, where there is nothing to blend with.
    return stops.resize((side, side), Image.Resampling.BILINEAR, box=(0.5, 0, 2.5, 1))


def _pipe_mask(side: int) -> Image.Image:
    mask = Image.new("L", (side, side))
    pen = ImageDraw.Draw(mask)
    pen.line(_scaled(HOUSE), fill=255, width=PIPE_WIDTH * OVERSAMPLING)
    for point in HOUSE:
        _draw_disc(pen, point, PIPE_WIDTH / 2, 255)
    for x, y in FLANGES:
        for fill, half in ((255, 18), (0, 3)):
            box = _scaled([(x - 34, y - half), (x + 34, y + half)])
            pen.rounded_rectangle(
                box, radius=8 * OVERSAMPLING if fill else 0, fill=fill
            )
    _draw_disc(pen, PUMP_CENTRE, PUMP_RADIUS + 12, 0)
    return mask


def _draw_pump(pen: ImageDraw.ImageDraw, palette: Palette) -> None:
    """Draw a pump as a piping diagram does: a circle and its direction of flow."""
    _draw_disc(pen, PUMP_CENTRE, PUMP_RADIUS, palette.ink)
    _draw_disc(pen, PUMP_CENTRE, PUMP_RADIUS - 15, palette.pump)
    x, y = PUMP_CENTRE
    arrow = [(x + 44, y), (x - 24, y - 38), (x - 24, y + 38)]
    pen.polygon(_scaled(arrow), fill=palette.ink)


def _draw_leaf(
    pen: ImageDraw.ImageDraw, leaf: tuple[Point, Point, Point, Point], colour: Colour
) -> None:
    base, tip, upper, lower = leaf
    edge = _curve(base, upper, tip) + _curve(tip, lower, base)
    pen.polygon(_scaled(edge), fill=colour)
    vein = [_between(base, tip, share) for share in (0.12, 0.72)]
    pen.line(_scaled(vein), fill=(0, 0, 0, 0), width=7 * OVERSAMPLING)


def _curve(start: Point, bow: Point, end: Point) -> list[Point]:
    """Return points of a quadratic Bézier curve."""
    shares = [step / 40 for step in range(41)]
    return [
        _between(_between(start, bow, share), _between(bow, end, share), share)
        for share in shares
    ]


def _between(start: Point, end: Point, share: float) -> Point:
    return (
        start[0] + (end[0] - start[0]) * share,
        start[1] + (end[1] - start[1]) * share,
    )


def _draw_disc(
    pen: ImageDraw.ImageDraw, centre: Point, radius: float, fill: int | Colour
) -> None:
    x, y = centre
    box = _scaled([(x - radius, y - radius), (x + radius, y + radius)])
    pen.ellipse(box, fill=fill)


def _scaled(points: Sequence[Point]) -> list[Point]:
    return [(x * OVERSAMPLING, y * OVERSAMPLING) for x, y in points]


def _save(picture: Image.Image, path: Path, height: int) -> None:
    width = round(picture.width * height / picture.height)
    small = picture.resize((width, height), Image.Resampling.LANCZOS)
    small.save(path, optimize=True)


if __name__ == "__main__":
    main()
