"""A plot of lines over two logarithmic axes, as SVG, without a library for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

Points = Sequence[tuple[float, float]]

WIDTH, HEIGHT = 420, 260  # pixels of the frame
LEFT, TOP, RIGHT, BOTTOM = 64, 34, 150, 44  # pixels around it
COLOURS = ("#3366aa", "#cc5522", "#338855", "#885599")


@dataclass(frozen=True)
class Axis:
    """A logarithmic axis from ``low`` to ``high`` over a number of pixels."""

    low: float
    high: float
    pixels: int

    @classmethod
    def over(cls, values: Sequence[float], pixels: int) -> "Axis":
        """Return the axis of whole decades that holds all values, which are above 0."""
        low, high = floor(log10(min(values))), ceil(log10(max(values)))
        return cls(10.0**low, 10.0 ** max(high, low + 1), pixels)

    def place(self, value: float) -> float:
        """Return how far along the axis a value lies."""
        return (log10(value) - log10(self.low)) / (log10(self.high) - log10(self.low)) * self.pixels

    def ticks(self) -> list[float]:
        return [10.0**power for power in range(round(log10(self.low)), round(log10(self.high)) + 1)]


def plot(title: str, x_label: str, y_label: str, lines: Mapping[str, Points]) -> str:
    """Return the SVG of some named lines. Raises ``ValueError`` where there is no point."""
    points = [point for line in lines.values() for point in line if min(point) > 0]
    if not points:
        raise ValueError("there is nothing to plot")
    across = Axis.over([x for x, _ in points], WIDTH)
    up = Axis.over([y for _, y in points], HEIGHT)
    parts = [_frame(title, x_label, y_label), *_grid(across, up)]
    for i, (name, line) in enumerate(lines.items()):
        parts.append(_line(name, [p for p in line if min(p) > 0], across, up, i))
    size = (WIDTH + LEFT + RIGHT, HEIGHT + TOP + BOTTOM)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size[0]} {size[1]}" '
        f'width="{size[0]}" height="{size[1]}" font-family="sans-serif" font-size="12">'
    )
    ground = f'<rect width="{size[0]}" height="{size[1]}" fill="#ffffff"/>'
    return "\n".join([head, ground, *parts, "</svg>\n"])


def _frame(title: str, x_label: str, y_label: str) -> str:
    middle, below = LEFT + WIDTH / 2, TOP + HEIGHT
    return (
        f'<text x="{middle}" y="20" text-anchor="middle" font-size="14">{escape(title)}</text>'
        f'<text x="{middle}" y="{below + 36}" text-anchor="middle">{escape(x_label)}</text>'
        f'<text transform="translate(16 {TOP + HEIGHT / 2}) rotate(-90)" text-anchor="middle">'
        f"{escape(y_label)}</text>"
    )


def _grid(across: Axis, up: Axis) -> list[str]:
    rules = []
    for tick in across.ticks():
        x = LEFT + across.place(tick)
        rules.append(f'<path d="M{x:.1f} {TOP}v{HEIGHT}" stroke="#dddddd"/>')
        rules.append(f'<text x="{x:.1f}" y="{TOP + HEIGHT + 17}" text-anchor="middle">{tick:g}</text>')
    for tick in up.ticks():
        y = TOP + HEIGHT - up.place(tick)
        rules.append(f'<path d="M{LEFT} {y:.1f}h{WIDTH}" stroke="#dddddd"/>')
        rules.append(f'<text x="{LEFT - 7}" y="{y + 4:.1f}" text-anchor="end">{tick:g}</text>')
    return rules


def _line(name: str, points: Points, across: Axis, up: Axis, index: int) -> str:
    colour = COLOURS[index % len(COLOURS)]
    places = [(LEFT + across.place(x), TOP + HEIGHT - up.place(y)) for x, y in points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places)
    key = TOP + 14 + 20 * index
    return (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>{dots}'
        f'<path d="M{LEFT + WIDTH + 12} {key - 4}h18" stroke="{colour}" stroke-width="2"/>'
        f'<text x="{LEFT + WIDTH + 36}" y="{key}">{escape(name)}</text>'
    )
