"""Page to layout: every box, frame, wire and word gets its coordinates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from snnc.backends.diagram import metrics
from snnc.backends.diagram.drawing import Drawing, Loop, Panel, Route
from snnc.backends.diagram.lanes import lanes
from snnc.backends.diagram.layout import Column, Frame, Label, Layout, Place, Tie, Wire
from snnc.backends.diagram.page import TURN, Page, Tracks, paginate, tracks
from snnc.backends.diagram.stack import EDGE_REACH, LOOP_REACH, Span
from snnc.backends.diagram.wires import LANE, Router

MARGIN = 16.0
GUTTER = 18.0
TIE = 7.0  # between the ties of two families


def lay_out(drawing: Drawing) -> Layout:
    """Return a drawing's layout. Every step is linear in the number of boxes, or nearly so."""
    page = paginate(drawing)
    ways = tracks(page)
    ties = _tie_lanes(page)
    columns = _columns(page, ways, ties)
    places = {key: _place(page, columns, key) for key in page.order}
    router = Router(page, ways, columns, places)
    wires = tuple(router.wire(edge) for edge in drawing.edges if edge.route is not Route.LOOP)
    loops = tuple(_loops(page, columns, places))
    return Layout(
        columns[-1].right + MARGIN,
        _height(page, ways),
        tuple(_frame(span, columns[number]) for number, span in _spans(page)),
        tuple(_ties(page, places, ties)),
        (*wires, *(wire for wire, _ in loops)),
        tuple(places.values()),
        (*router.labels(), *(badge for _, badge in loops)),
    )


def _height(page: Page, ways: Tracks) -> float:
    turns = TURN + 6.0 if len(page.stacks) > 1 else 0.0
    return page.bottom + turns + LANE * (max(ways.below.values(), default=-1) + 1)


def _spans(page: Page) -> Iterator[tuple[int, Span]]:
    for number, stack in enumerate(page.stacks):
        for span in stack.spans:
            yield number, span


def _columns(page: Page, ways: Tracks, ties: Mapping[tuple[int, int], int]) -> tuple[Column, ...]:
    """Place the columns side by side, each as wide as its frames, ties and lanes need."""
    found: list[Column] = []
    labels = _label_rooms(page)
    x = MARGIN
    for number, stack in enumerate(page.stacks):
        x += LANE * ways.gutters.get(number, 0) + (GUTTER if number else 0.0)
        tied = max((lane + 1 for (column, _), lane in ties.items() if column == number), default=0)
        reach = max([span.left for span in stack.spans] + [EDGE_REACH + (4.0 + TIE * tied if tied else 0.0)])
        reach = max(reach, labels.get((number, "end"), 0.0) - page.layer / 2)
        centre = x + reach + page.layer / 2
        inner = max((span.right for span in stack.spans if not span.outermost), default=0.0)
        lane = centre + max(page.layer / 2 + inner + 10.0, labels.get((number, "start"), 0.0))
        skips = ways.rights.get(number, 0)
        outer = max((span.right for span in stack.spans), default=0.0)
        right = max(lane + LANE * skips - 2.0 if skips else 0.0, centre + page.layer / 2 + outer)
        found.append(Column(x, centre, page.layer / 2, lane, right))
        x = right
    return tuple(found)


def _label_rooms(page: Page) -> dict[tuple[int, str], float]:
    """Return how far from the centre line each column's skips must stay for their words, at either side."""
    rooms: dict[tuple[int, str], float] = {}
    for edge in page.drawing.edges:
        if edge.route is Route.SKIP:
            column = page.column[edge.target]
            side = "start" if column == page.column[edge.source] else "end"
            room = page.sizes[edge.target].width / 2 + metrics.words_width(edge) + 18.0
            rooms[column, side] = max(room, rooms.get((column, side), 0.0))
    return rooms


def _place(page: Page, columns: tuple[Column, ...], key: str) -> Place:
    number, size = page.column[key], page.sizes[key]
    return Place(page.boxes[key], number, columns[number].centre, page.top_of(key), size.width, size.height)


def _frame(span: Span, column: Column) -> Frame:
    """Return a frame's rectangle; an outermost panel is as wide as its column."""
    if span.outermost and isinstance(span.frame, Panel):
        left, right = column.left, column.right
    else:
        left, right = column.centre - column.half - span.left, column.centre + column.half + span.right
    side = column.centre + column.half
    return Frame(span.frame, span.again, left, span.top, right - left, span.bottom - span.top, side)


def _loops(
    page: Page, columns: tuple[Column, ...], places: Mapping[str, Place]
) -> Iterator[tuple[Wire, Label]]:
    """Yield the way back of each loop at its frame's left, and how often it goes round.

    Loops close in the order in which their edges were drawn: inner ones first.
    """
    edges = (edge for edge in page.drawing.edges if edge.route is Route.LOOP)
    closed = sorted(
        ((number, span) for number, span in _spans(page) if isinstance(span.frame, Loop)),
        key=lambda one: (one[0], one[1].bottom, -one[1].top),
    )
    for edge, (number, span) in zip(edges, closed, strict=True):
        source, target = places[edge.source], places[edge.target]
        lane = columns[number].centre - page.layer / 2 - span.left + LOOP_REACH / 2
        step = 5.0 * (span.left // LOOP_REACH - 1)
        start, end = source.bottom - 6.5 - step, target.y + 6.5 + step
        points = ((source.left, start), (lane, start), (lane, end), (target.left, end))
        yield Wire(edge, points), Label(Route.LOOP, edge.label, lane, (start + end) / 2, "middle")


def _tie_lanes(page: Page) -> dict[tuple[int, int], int]:
    """Return the lane of each column's family with several boxes in it; none where loops take the room."""
    if any(isinstance(span.frame, Loop) for _, span in _spans(page)):
        return {}
    found: dict[tuple[int, int], int] = {}
    members = _members(page)
    for number in range(len(page.stacks)):
        here = [key for key in members if key[0] == number and len(members[key]) > 1]
        heights = [(page.middle_of(members[key][0]), page.middle_of(members[key][-1])) for key in here]
        found.update(zip(here, lanes(heights), strict=True))
    return found


def _members(page: Page) -> dict[tuple[int, int], list[str]]:
    found: dict[tuple[int, int], list[str]] = {}
    for key, box in page.boxes.items():
        if box.family is not None:
            found.setdefault((page.column[key], box.family), []).append(key)
    return found


def _ties(page: Page, places: Mapping[str, Place], chosen: Mapping[tuple[int, int], int]) -> Iterator[Tie]:
    members = _members(page)
    for (number, family), lane in chosen.items():
        found = tuple(places[key] for key in members[number, family])
        yield Tie(found[0].left - 9.0 - TIE * lane, found)
