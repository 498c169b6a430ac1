"""What is drawn of a plan's graph, as rows of a chart: `x` in columns, `y` in pixels from above."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from eventlab.pictures.graph_places import Place
from eventlab.pictures.plan_lines import fitted
from eventlab.pictures.plan_places import plan_places
from eventlab.sql.planning.graphs import Edge, Graph, Node

Row = dict[str, Any]

COLUMNS = ("id", "what", "x", "y", "x2", "y2", "height", "words", "status")
_LINE = 15  # pixels
_ROUND_WORDS = 6  # pixels above and below the words of a box
_LID = 13  # pixels more for the lid of a state
_GAP = 24  # pixels between two rows
_GAP_WITH_COUNTS = 40
_FIRST_COUNT = 11  # pixels from a box down to the rate of its rows
_BELOW_HEADS = 8  # pixels
_ASIDE = 0.25  # of a column: so far beside the middle an edge ends that comes from the side
_WHOLE = 10  # from here on nobody asks for a fraction


@dataclass(frozen=True)
class Flowing:
    """How many rows an edge has had in all, and a second; no rate while nothing can flow."""

    count: int
    rate: float | None


class PlanRows:
    """The rows of a graph, `columns` wide and `height` pixels high, with counts or without.

    Above it there is room for so many lines as `heads` says.
    """

    def __init__(self, graph: Graph, *, heads: int, has_counts: bool) -> None:
        self._heads = heads
        self._graph = graph
        self._places = plan_places(graph)
        self._has_counts = has_counts
        self._lines = {node.name: _lines(node) for node in graph.nodes}
        self._heights = {node.name: self._height(node) for node in graph.nodes}
        self._tops = self._row_tops()
        self.columns = 1 + int(max(place.x for place in self._places.values()))
        self.height = self._tops[-1]
        self._nodes = [row for node in graph.nodes for row in self._node(node)]

    def rows(self, flowing: dict[int, Flowing], heads: Sequence[tuple[str, str]]) -> list[Row]:
        """Return what is drawn: nodes, edges, what flows along them, and the words above all.

        Those are lines with how each looks: as a "name", a "hint", or a state of the query.
        """
        edges = [row for edge in self._graph.edges for row in self._edge(edge, flowing)]
        above = [
            {"id": f"head {n}", "what": "head", "x": 0, "y": _LINE * (n + 0.5)}
            | {"words": words, "status": look}
            for n, (words, look) in enumerate(heads)
        ]
        return [*edges, *self._nodes, *above]

    # -- nodes ----------------------------------------------------------------------------------

    def _node(self, node: Node) -> Iterator[Row]:
        place = self._at(node.name)
        height = self._heights[node.name]
        lid = _LID if node.kind == "state" else 0
        box = {"x": place.x, "y": place.y, "height": height}
        yield {"id": f"box {node.name}", "what": node.kind, **box}
        lines = self._lines[node.name]
        first = place.y + lid / 2 - (len(lines) - 1) * _LINE / 2
        for number, (what, words) in enumerate(lines):
            at = {"x": place.x, "y": first + number * _LINE}
            yield {"id": f"line {number} {node.name}", "what": what, **at, "words": words}

    def _height(self, node: Node) -> float:
        lid = _LID if node.kind == "state" else 0
        return 2 * _ROUND_WORDS + lid + _LINE * len(self._lines[node.name])

    def _row_tops(self) -> list[float]:
        """Return where each row begins, and at last where the picture ends."""
        rows = 1 + int(max(place.y for place in self._places.values()))
        tops: list[float] = [_LINE * self._heads + _BELOW_HEADS]
        gap = _GAP_WITH_COUNTS if self._has_counts else _GAP
        for row in range(rows):
            tops.append(tops[-1] + self._row_height(row) + (gap if row < rows - 1 else 2))
        return tops

    def _row_height(self, row: int) -> float:
        return max(self._heights[name] for name, at in self._places.items() if at.y == row)

    def _at(self, name: str) -> Place:
        """Return the middle of a node: its column, and its pixels from above."""
        place = self._places[name]
        row = int(place.y)
        return Place(place.x, self._tops[row] + self._row_height(row) / 2)

    # -- edges ----------------------------------------------------------------------------------

    def _edge(self, edge: Edge, flowing: dict[int, Flowing]) -> Iterator[Row]:
        begin = self._at(edge.begin)
        end = self._at(edge.end)
        name = f"{edge.begin} to {edge.end}"
        if edge.step is None:
            ends = {"x": begin.x, "y": begin.y, "x2": end.x, "y2": end.y}
            yield {"id": f"link {name}", "what": "link", **ends}
            return
        flows = flowing.get(edge.step)
        bottom = begin.y + self._heights[edge.begin] / 2
        yield {
            "id": f"edge {name}",
            "what": "edge",
            "x": begin.x,
            "y": bottom,
            "x2": end.x + (_ASIDE if begin.x > end.x else 0),
            "y2": end.y - self._heights[edge.end] / 2,
            "status": "flows" if flows is not None and flows.rate else "rests",
        }
        for number, words in enumerate(_counted(flows)):
            at = {"x": begin.x, "y": bottom + _FIRST_COUNT + number * _LINE}
            yield {"id": f"count {number} {name}", "what": "count", **at, "words": words}


def _counted(flows: Flowing | None) -> list[str]:
    if flows is None:
        return []
    total = f"{flows.count:,}"
    return ["", total] if flows.rate is None else [f"{_short(flows.rate)}/s", total]


def _short(rate: float) -> str:
    """Return a rate with no more digits than one reads at a glance."""
    return f"{rate:,.0f}" if rate >= _WHOLE or rate == 0 else f"{rate:.1g}"


def _lines(node: Node) -> list[tuple[str, str]]:
    """Return the lines of a node, and how each looks: as a title, or as more of it."""
    titles = [("title", line) for line in fitted(node.title, is_title=True)]
    return titles + [("line", line) for words in node.lines for line in fitted(words)]
