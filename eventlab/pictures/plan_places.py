"""Where the nodes of a plan's graph stand: rows of a plan go down, and what is joined comes in."""

from collections import defaultdict

from eventlab.pictures.graph_places import Place
from eventlab.sql.planning.graphs import Graph


def plan_places(graph: Graph) -> dict[str, Place]:
    """Return the place of each node, in columns and rows.

    A step stands straight below the first one that leads to it. What is joined with that stands one
    column to the right, as near to the join as can be, and so does the state of a step.
    """
    placing = _Placing(graph)
    placing.put(graph.nodes[-1].name, 0, 0)
    return placing.found


class _Placing:
    def __init__(self, graph: Graph) -> None:
        self.found: dict[str, Place] = {}
        self._graph = graph
        self._free: defaultdict[int, int] = defaultdict(int)  # the first free row of each column

    def put(self, name: str, column: int, earliest: int) -> int:
        """Place a node and all that leads to it; return its row."""
        row = earliest
        for beside, up in enumerate(self._graph.ups(name)):
            begin = earliest
            if beside:
                begin = max(self._free[column + beside], row - self._length(up))
            row = max(row, self.put(up, column + beside, begin) + 1)
        self._stand(name, column, row)
        state = self._graph.state(name)
        if state is not None:
            self._stand(state, column + 1, row)
        return row

    def _length(self, name: str) -> int:
        """Return how many rows a node takes, with all that leads to it."""
        return 1 + max([self._length(up) for up in self._graph.ups(name)], default=0)

    def _stand(self, name: str, column: int, row: int) -> None:
        self.found[name] = Place(float(column), float(row))
        self._free[column] = row + 1
