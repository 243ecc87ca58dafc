"""A page to look at while stages learn and after: kernels, maps and curves; it needs nothing else."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from snnc.train.metrics import Line
from snnc.train.stdp.png import Picture, png

WIDTH, HEIGHT = 220, 90  # of a curve, in pixels
MARGIN = 6
PIXEL = 4  # of a picture, in pixels of the screen

STYLE = """
:root { color-scheme: light dark; --ink: #1d2733; --quiet: #5c6b7a; --paper: #fff; --line: #2166ac; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6ebf0; --quiet: #9aa8b5; --paper: #14191f; --line: #6baed6; } }
body { max-width: 1080px; margin: 0 auto; padding: 20px; background: var(--paper); color: var(--ink);
  font: 15px/1.45 system-ui, sans-serif; }
h2 { margin: 32px 0 8px; font-size: 18px; }
p, figcaption { margin: 0 0 4px; color: var(--quiet); font-size: 13px; }
div { display: flex; flex-wrap: wrap; gap: 16px; align-items: flex-start; }
figure { margin: 0; }
img { image-rendering: pixelated; max-width: 100%; border: 1px solid var(--quiet); }
svg { display: block; }
polyline { fill: none; stroke: var(--line); stroke-width: 1.5; }
"""


@dataclass(frozen=True)
class Chapter:
    """A stage: its name, its kernels at first and now, its maps by unrolled step, what was measured of it."""

    name: str
    kernels: Mapping[str, Picture]
    maps: Mapping[str, Picture]
    lines: Sequence[Line]


def page(title: str, subtitle: str, chapters: Iterable[Chapter]) -> str:
    """Return the page as HTML. What comes from a spec stands in it as text."""
    body = "".join(part for chapter in chapters for part in _chapter(chapter))
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n<style>{STYLE}</style></head>\n'
        f"<body><h1>{escape(title)}</h1><p>{escape(subtitle)}</p>\n{body}</body></html>\n"
    )


def _chapter(chapter: Chapter) -> Iterator[str]:
    yield f"<h2>{escape(chapter.name)}</h2>\n<div>"
    for name, points in _curves(chapter.lines).items():
        yield _curve(name, points)
    yield "</div>\n<div>"
    for name, picture in (*chapter.kernels.items(), *chapter.maps.items()):
        yield _figure(name, picture)
    yield "</div>\n"


def _curves(lines: Sequence[Line]) -> dict[str, list[tuple[float, float]]]:
    """Return every quantity over the images shown."""
    found: dict[str, list[tuple[float, float]]] = {}
    for line in lines:
        images = line["images"]
        for name, value in _quantities(line):
            if isinstance(images, int | float):
                found.setdefault(name, []).append((images, value))
    return found


def _quantities(line: Line) -> Iterator[tuple[str, float]]:
    for name, value in line.items():
        if name in ("change", "entropy") and isinstance(value, int | float):
            yield name, value
        elif isinstance(value, Mapping):
            yield from ((f"{name}, {place}", one) for place, one in value.items())


def _curve(name: str, points: list[tuple[float, float]]) -> str:
    xs, ys = zip(*points, strict=True)
    left, right, low, high = min(xs), max(xs), min(ys), max(ys)
    wide, tall = (right - left) or 1, (high - low) or 1
    places = " ".join(
        f"{MARGIN + (x - left) / wide * (WIDTH - 2 * MARGIN):.1f},"
        f"{HEIGHT - MARGIN - (y - low) / tall * (HEIGHT - 2 * MARGIN):.1f}"
        for x, y in points
    )
    caption = f"{escape(name)}: {ys[0]:.3g} to {ys[-1]:.3g} after {right:,.0f} images"
    drawing = f'<svg width="{WIDTH}" height="{HEIGHT}"><polyline points="{places}"/></svg>'
    return f"<figure><figcaption>{caption}</figcaption>{drawing}</figure>\n"


def _figure(name: str, picture: Picture) -> str:
    content = b64encode(png(picture)).decode()
    height, width = picture.shape[:2]
    scale = PIXEL if width <= 128 else 2
    size = f'width="{width * scale}" height="{height * scale}"'
    image = f'<img alt="{escape(name)}" {size} src="data:image/png;base64,{content}">'
    return f"<figure><figcaption>{escape(name)}</figcaption>{image}</figure>\n"
